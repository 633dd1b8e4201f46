import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Fact, Facts } from '../../src/facts/fact'
import type { Step } from '../../src/plan/step'
import { resumeActors } from '../../src/services/actors'
import { hostLeftovers } from '../../src/services/leftovers'
import { serviceUnits } from '../../src/services/service-units'
import { startServices, stopServicesAgain } from '../../src/services/systemd'
import { drain } from '../../src/stages/drain'
import { stageInput } from '../fixtures/stage-input'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'

const FILE = {
  drain: { when: 'always' as const, services: ['dependent', 'demo-web', 'echo'], connections: { for: '2s' } },
}
const ALL = ['demo-web.service', 'dependent.service', 'echo.socket', 'echo.service', 'apt-daily.timer']

/** A service that needs demo-web, and one behind a socket of its own. */
const UNITS: Readonly<Record<string, string>> = {
  'dependent.service':
    '[Unit]\nRequires=demo-web.service\nAfter=demo-web.service\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
  'echo.socket': '[Socket]\nListenStream=0.0.0.0:9000\nAccept=no\n[Install]\nWantedBy=sockets.target\n',
  'echo.service': '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n[Install]\nWantedBy=multi-user.target\n',
}

describeOnLab('drain on a real host', () => {
  let lab: Lab
  let host: LabHost

  async function read(facts: readonly Fact<unknown>[]): Promise<Facts> {
    const answers = facts.map(async (fact) => {
      const { stdout, exitCode } = await host.exec(fact.sh.text)
      return [fact.id, fact.parse(stdout, exitCode ?? 255)] as const
    })
    return new Facts(new Map(await Promise.all(answers)))
  }
  const input = async (file: Parameters<typeof stageInput>[0] = FILE) => {
    const x = stageInput(file)
    return { ...x, facts: await read([serviceUnits(x.host), hostLeftovers]) }
  }
  async function run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const { exitCode, stderr } = await host.exec(
        step.do === 'sh' ? step.run.text : step.do === 'wait' ? step.until.text : 'exit 9',
      )
      expect(exitCode, `${step.id}: ${stderr}`).toBe(0)
    }
  }
  /** The stage as the engine runs it: facts, plan, steps, phase after phase. */
  async function drainHost(): Promise<readonly Step[]> {
    const done: Step[] = []
    let x = stageInput(FILE)
    for (const phase of drain.phases) {
      x = { ...x, facts: x.facts.with(await read(phase.facts?.(x) ?? [])) }
      const plan = phase.plan(x)
      expect(plan.stop).toBeUndefined()
      await run(plan.steps)
      done.push(...plan.steps)
    }
    return done
  }
  const active = async () => {
    const words = await host.exec(`systemctl is-active ${ALL.join(' ')}`)
    const lines = words.stdout.trim().split('\n')
    return Object.fromEntries(ALL.map((unit, i) => [unit, lines[i]]))
  }
  const each = (state: string) => Object.fromEntries(ALL.map((unit) => [unit, state]))
  const holds = async () => (await read([hostLeftovers])).get(hostLeftovers)

  beforeAll(async () => {
    lab = await startLab(['web-1'])
    host = lab.host('web-1')
    for (const [name, text] of Object.entries(UNITS)) {
      await host.must(`cat >/etc/systemd/system/${name}`, { input: text })
    }
    await host.must('systemctl daemon-reload && systemctl -q enable --now dependent echo.socket echo apt-daily.timer')
    await host.exec('apt-get -qq update')
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('puts everything back as it was, newest first', async () => {
    const steps = await drainHost()
    expect(await active()).toMatchObject(each('inactive'))
    for (const step of [...steps].reverse()) {
      if (step.do === 'sh' && step.undo) await host.must(step.undo.run.text)
    }
    expect(await active()).toMatchObject(each('active'))
    expect(await holds()).toEqual({ ok: true, value: [] })
    expect(await host.must('ls -d /etc/systemd/system/*.d 2>/dev/null || :')).toBe('')
  })

  it('H24: neither a package script, a connection, a person nor a reboot starts what was drained', async () => {
    await drainHost()
    host.offer({ main: ['demo-web=2.0'] })
    await host.must('apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y upgrade')
    expect(await host.must('dpkg-query -W demo-web')).toContain('2.0')
    expect(await active()).toMatchObject(each('inactive'))
    // A start that a condition prevents is no failure: only the state tells.
    expect((await host.exec('systemctl start demo-web echo.socket apt-daily.timer')).exitCode).toBe(0)
    expect(await host.answers(9000)).toBe(false)
    expect(await active()).toMatchObject(each('inactive'))
    await host.reboot()
    expect(await active()).toMatchObject(each('inactive'))
    expect(await host.must('systemctl --failed --no-legend')).toBe('')
  })

  it('starts them in reverse for verify, from what is on the host, and the actors after it', async () => {
    const plan = startServices(await input())
    expect(plan.steps.map((step) => step.id)).toEqual([
      'start-1-echo.service',
      'start-2-demo-web.service',
      'start-3-dependent.service',
    ])
    await run(plan.steps)
    expect(await active()).toMatchObject({ ...each('active'), 'apt-daily.timer': 'inactive' })
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
    await run(resumeActors(await input()))
    expect(await active()).toMatchObject(each('active'))
    expect(await holds()).toEqual({ ok: true, value: [] })
  })

  it('stops them again for a gate that stays shut', async () => {
    await run(stopServicesAgain(await input()).steps)
    expect(await active()).toMatchObject({ ...each('inactive'), 'apt-daily.timer': 'active' })
    await run(startServices(await input()).steps)
    expect(await active()).toMatchObject(each('active'))
  })

  it('a service that does not come up is a failure, and what it is owed stays on the host', async () => {
    await drainHost()
    // A failure that systemd itself sees: what only crashes a moment after its start is found by the rounds of verify.
    const broken = '/etc/systemd/system/demo-web.service.d/broken.conf'
    await host.must(`printf '[Service]\\nExecStartPre=/bin/false\\n' >${broken}`)
    const step = startServices(await input()).steps.find((one) => one.id.endsWith('demo-web.service'))
    const result = await host.exec(step?.do === 'sh' ? step.run.text : 'exit 9')
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('demo-web.service is failed') })
    expect(await holds()).toMatchObject({
      ok: true,
      value: expect.arrayContaining([expect.objectContaining({ unit: 'demo-web.service', phase: 'starting' })]),
    })
    await host.must(`rm ${broken}`)
    await run(startServices(await input()).steps)
    expect(await active()).toMatchObject({ ...each('active'), 'apt-daily.timer': 'inactive' })
  })

  it('a service that comes up too slowly has the time of the file, and not what the step has around it', async () => {
    await drainHost()
    const slow = '/etc/systemd/system/demo-web.service.d/slow.conf'
    await host.must(`printf '[Service]\\nExecStartPre=/bin/sleep 20\\n' >${slow}`)
    const startWithin = async (time: string) => {
      const drained = { ...FILE.drain, services: ['dependent', { name: 'demo-web', start_timeout: time }, 'echo'] }
      const plan = startServices(await input({ drain: drained as typeof FILE.drain }))
      const step = plan.steps.find((one) => one.id.endsWith('demo-web.service'))
      const began = performance.now()
      const { exitCode, stderr } = await host.exec(step?.do === 'sh' ? step.run.text : 'exit 9')
      return { exitCode, stderr, tookMs: performance.now() - began }
    }
    const short = await startWithin('2s')
    expect(short).toMatchObject({ exitCode: 1, stderr: 'demo-web.service is still activating after 2 s\n' })
    // It would have been up after 20 s, which two and thirty are.
    expect(short.tookMs).toBeLessThan(15_000)
    await host.must('systemctl stop demo-web')
    expect(await startWithin('60s')).toMatchObject({ exitCode: 0, stderr: '' })
    await host.must(`rm ${slow}`)
    await run(startServices(await input()).steps)
    expect(await active()).toMatchObject({ ...each('active'), 'apt-daily.timer': 'inactive' })
  })

  it('H39: waits while something inhibits a shutdown or a package manager runs', async () => {
    const phase = drain.phases[0]
    const x = await input()
    const [wait] = phase?.plan(x).steps ?? []
    const quiet = async () => (await host.exec(wait?.do === 'wait' ? wait.until.text : 'exit 9')).exitCode
    expect(await quiet()).toBe(0)
    await host.must(
      'systemd-run -q --unit=backup systemd-inhibit --mode=block --what=sleep:shutdown --why "it \\"runs\\"" sleep infinity',
    )
    await expect.poll(quiet, { timeout: 10_000 }).toBe(1)
    await host.must('systemctl stop backup')
    await expect.poll(quiet, { timeout: 10_000 }).toBe(0)
    // By its lock: a process that only has the name is none, as one of a container or an idle daemon.
    await host.must('cp /bin/sleep /usr/local/bin/dpkg && systemd-run -q --unit=named /usr/local/bin/dpkg infinity')
    expect(await quiet()).toBe(0)
    await host.must('systemctl stop named; rm /usr/local/bin/dpkg')
    const lock =
      'use Fcntl; open F, "+<", "/var/lib/dpkg/lock-frontend" or die; my $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 300'
    await host.must(`systemd-run -q --unit=packages perl -e '${lock}'`)
    await expect.poll(quiet, { timeout: 10_000 }).toBe(1)
    await host.must('systemctl stop packages')
    await expect.poll(quiet, { timeout: 10_000 }).toBe(0)
  })
})
