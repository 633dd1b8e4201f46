import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { armDeadMan, disarmDeadMan } from '../../../src/host/dead-man'
import { compileTake, LEASE_TTL_S, parseTake } from '../../../src/host/lease'
import { FRESH, formatState, type HostState } from '../../../src/host/state'
import { ProgramHost } from '../../fixtures/program-host'
import { hasShell, SHELLS, type ShellMachine, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const uptimeS = () => Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]))
const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()

// Where there is no systemd the timer is a process. Its wait between two looks is shortened, and each look is counted.
describe.each(SHELLS.filter(hasShell))("the dead man's timer as a process, in %s", (shell) => {
  let machine: ShellMachine
  let host: ProgramHost
  let count = 0
  beforeAll(() => {
    machine = shellMachine(shell)
  })
  afterAll(() => machine.dispose())
  beforeEach(() => {
    host = new ProgramHost(machine, { stateDir: join(machine.folder, `state-${count++}`) })
    mkdirSync(join(host.stateDir, 'undo'), { recursive: true })
    setState({ drained: true })
    setLease()
  })
  // Nothing outlives its test: without this file the loop ends by itself.
  afterEach(async () => {
    rmSync(path('dead-man/armed'), { force: true })
    await until(() => !lives())
  })

  const path = (name: string) => join(host.stateDir, name)
  const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '')
  const looks = () => read('looks').split('\n').length - 1
  const setState = (state: Partial<HostState>) =>
    writeFileSync(path('state'), formatState({ ...FRESH, run: 'r1', token: 7, phase: 'drain', ...state }))
  function setLease(more: { ageS?: number; owner?: string; boot?: string; token?: number } = {}): void {
    const { ageS = 0, owner = 'me', boot = bootId(), token = 7 } = more
    const up = uptimeS() - ageS
    const ttl = Math.min(LEASE_TTL_S, 300)
    writeFileSync(path('lease'), `token=${token}\nowner=${owner}\nrun=r1\nboot=${boot}\nup=${up}\nttl=${ttl}\nurl=-\n`)
  }
  const isOver = { ageS: 400 }
  const writeUndo = (name: string, text: string, isForDeadMan = true) =>
    writeFileSync(path(`undo/${name}.sh`), `# a title\n# dead-man ${isForDeadMan ? 'yes' : 'no'}\n${text}\n`)

  async function arm(): Promise<void> {
    const order = armDeadMan({ stateDir: host.stateDir, lockFile: host.context.lockFile, asRoot: false }).text
    const wait = 'sleep 15 7>&-'
    expect(order).toContain(wait)
    const quick = order.replaceAll(wait, `sleep 0.1 7>&-; echo >>${path('looks')}`)
    const child = machine.exec(quick)
    child.stdin.end()
    expect(await child.exit).toBe(0)
    const before = looks()
    await until(() => lives() && looks() > before)
  }
  const lives = () => {
    const folder = path('dead-man/watch')
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .some((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder)
        } catch {
          return false
        }
      })
  }
  /** It has looked, and looked again, and done nothing. */
  async function looksInVain(): Promise<void> {
    const before = looks()
    await until(() => looks() >= before + 4)
    expect(lives()).toBe(true)
    expect(read('dead-man/said')).toBe('')
    expect(read('done')).toBe('')
  }

  it('undoes the drain, newest first, once the lease of the run is over, and takes a higher token before', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo first >>${path('done')}; grep '^token' ${path('lease')} >>${path('done')}`)
    writeUndo('000007-0001-drain-1-1', `echo second >>${path('done')}`)
    await looksInVain()
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('second\nfirst\ntoken=8\n')
    expect(read('state')).toMatch(/^drained=false$/m)
    expect(read('state')).toMatch(/^phase=idle$/m)
    expect(read('lease')).toMatch(/^owner=$/m)
    expect(read('dead-man/said')).toContain('the drain was undone')
    expect(existsSync(path('dead-man/armed'))).toBe(false)
  })

  it('of a machine that is a helper too: what it keeps for other hosts is neither thrown away nor undone', async () => {
    writeUndo('000003-0000-web-1-drain-0-0', `echo of another >>${path('done')}`)
    writeUndo('000003-0000-drain-0-0', `echo of an earlier run >>${path('done')}`)
    await arm()
    expect(readdirSync(path('undo'))).toEqual(['000003-0000-web-1-drain-0-0.sh'])
    writeUndo('000007-0000-drain-1-0', `echo own >>${path('done')}`)
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('own\n')
    expect(readdirSync(path('undo'))).toContain('000003-0000-web-1-drain-0-0.sh')
  })

  it('against the runner: one that renews keeps it waiting; one that comes back too late begins nothing', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    await looksInVain()
    setLease()
    await looksInVain()
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('undone\n')
    const late = await host.run('clean-4', [shStep('work', `echo worked >>${path('done')}`)])
    expect(late.end).toEqual({ t: 'lease-lost' })
    expect(read('done')).toBe('undone\n')
  })

  it('against a program that is at work: it waits for its end, then acts', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    // The state that a program of the drain writes: drained, and not touched.
    const drain = new ProgramHost(machine, {
      stateDir: host.stateDir,
      stateText: formatState({ ...FRESH, run: 'r1', token: 7, phase: 'drain', drained: true }),
    })
    const work = shStep('work', `until [ -e ${path('go')} ]; do sleep 0.1; done; echo worked >>${path('done')}`)
    setLease()
    const ran = drain.run('drain-2', [work])
    await until(() => read('runs/r1/drain-2/rec').includes('begin 0'))
    setLease(isOver)
    await looksInVain()
    writeFileSync(path('go'), '')
    expect((await ran).end).toEqual({ t: 'over' })
    await until(() => !lives())
    expect(read('done')).toBe('worked\nundone\n')
  })

  it('against a program that began to change the host: it stays as it is, and says so', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    // The package work of the run: touched is on the disk before it begins.
    const stateText = formatState({ ...FRESH, run: 'r1', token: 7, phase: 'update', drained: true, touched: true })
    const update = new ProgramHost(machine, { stateDir: host.stateDir, stateText })
    setLease()
    const ran = await update.run('update-5', [shStep('work', `echo upgraded >>${path('done')}`)])
    expect(ran.end).toEqual({ t: 'over' })
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('upgraded\n')
    expect(read('dead-man/said')).toContain('it stays as it is')
  })

  it('against a new run: who has the lease decides, and the other finds it taken', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `until [ -e ${path('go')} ]; do sleep 0.1; done; echo undone >>${path('done')}`)
    const want = {
      stateDir: host.stateDir,
      lockFile: host.context.lockFile,
      asRoot: false,
      adopt: false,
      run: 'r2',
      owner: 'them',
      url: '-',
    }
    const take = async () => {
      const channel = machine.exec(`sh -s`)
      channel.stdin.end(compileTake(want))
      let text = ''
      for await (const chunk of channel.stdout) text += Buffer.from(chunk).toString('utf8')
      return parseTake(text)
    }
    setLease(isOver)
    // The timer was first: it holds the machine, as a program would, until its undo has ended.
    await until(() => read('lease').includes('token=8'))
    expect(await take()).toMatchObject({ t: 'alive', dir: path('dead-man') })
    writeFileSync(path('go'), '')
    await until(() => !lives())
    // A process that it started a moment ago may hold the lock as long as it ends.
    await expect.poll(take, { timeout: 20_000 }).toMatchObject({ t: 'taken', token: 9, state: { drained: false } })
    // The run is first: the timer leaves its host alone.
    setState({ drained: true, run: 'r2', token: 9 })
    writeFileSync(path('done'), '')
    await arm()
    writeUndo('000009-0000-drain-1-0', `echo undone >>${path('done')}`)
    await looksInVain()
  })

  it('against a reboot: in another boot it undoes nothing, and says so', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    writeFileSync(path('dead-man/armed'), '00000000-0000-0000-0000-000000000000\n')
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('')
    expect(read('state')).toMatch(/^drained=true$/m)
    expect(read('dead-man/said')).toContain('rebooted while it was drained')
  })

  it('waits where the lease is of another boot, and where the disk holds no whole lease', async () => {
    await arm()
    setLease({ ...isOver, boot: 'another' })
    await looksInVain()
    writeFileSync(path('lease'), 'token=')
    await looksInVain()
  })

  it('undoes nothing on a host that is not drained, and nothing once it is disarmed', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    const child = machine.exec(disarmDeadMan({ stateDir: host.stateDir, asRoot: false }).text)
    child.stdin.end()
    expect(await child.exit).toBe(0)
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('')
    setState({ drained: false })
    setLease()
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('')
    expect(read('dead-man/said')).toBe('')
  })

  it('stops at an undo that is not its own, and says which', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo undone >>${path('done')}`)
    writeUndo('000007-0001-drain-1-1', 'echo needs a secret', false)
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('')
    expect(read('state')).toMatch(/^drained=true$/m)
    expect(read('dead-man/said')).toContain('000007-0001-drain-1-1.sh can only be undone by a run')
  })

  it('tries an undo three times, stops where it fails, and says which', async () => {
    await arm()
    writeUndo('000007-0000-drain-1-0', `echo older >>${path('done')}`)
    writeUndo('000007-0001-drain-1-1', `echo tried >>${path('done')}; exit 1`)
    setLease(isOver)
    await until(() => !lives())
    expect(read('done')).toBe('tried\ntried\ntried\n')
    expect(read('state')).toMatch(/^drained=true$/m)
    expect(read('dead-man/said')).toContain('could not be undone')
  })
})

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 20_000, interval: 30 }).toBe(true)
}
