import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { freePort, makeFolder, makeKey, noSshd, type Sshd, startSshd } from '../sshd'
import { Bench, calmStages, hostEntry, loginTo } from './bench'

describe.skipIf(noSshd() !== null)('a plan is green only for what can be done', () => {
  let bench: Bench
  let sshd: Sshd
  let login: readonly string[]
  beforeAll(async () => {
    bench = new Bench()
    sshd = await startSshd()
    login = loginTo(bench, sshd)
  })
  afterAll(async () => {
    bench[Symbol.dispose]()
    await sshd.stop()
  })

  const two = () => ({ 'web-1': hostEntry(bench, sshd, 'web-1'), 'web-2': hostEntry(bench, sshd, 'web-2') })

  async function planOf(file: Record<string, unknown>, flags = login, env: NodeJS.ProcessEnv = {}) {
    bench.write('maintenance.yml', stringify({ version: 1, stages: calmStages(), ...file }))
    const { status, told } = await bench.start(['plan', ...flags], env)
    return { status, told, lines: told.split('\n') }
  }

  /** How often a text is told. */
  const times = (told: string, text: string) => told.split(text).length - 1

  describe('where nobody could be reached it is red', () => {
    test('a wrong key exits 3, and says once what to do', async () => {
      const key = makeKey(makeFolder(), 'other')
      const { status, told } = await planOf({ hosts: two() }, ['--identity', key.path, ...login.slice(2)])
      expect(told).toContain('none of 2 hosts could be reached')
      expect(told).toMatch(/refused \(key\)/)
      expect(status).toBe(3)
    })

    test('a wrong user exits 3', async () => {
      const { status, told } = await planOf({ hosts: { 'web-1': { ...two()['web-1'], user: 'deploy' } } })
      expect(told).toContain('login as deploy was refused')
      expect(status).toBe(3)
    })

    test('a wrong host key exits 3, with the remedy once', async () => {
      const other = makeKey(makeFolder(), 'host')
      const hosts = { 'web-1': { ...two()['web-1'], host_key: [other.fingerprint] } }
      const { status, told } = await planOf({ hosts })
      expect(times(told, 'ssh-keygen -l')).toBe(1)
      expect(status).toBe(3)
    })

    test('hosts that are down exit 1', async () => {
      const port = await freePort()
      const { status, told } = await planOf({ hosts: { 'web-1': { ...two()['web-1'], port } } })
      expect(told).toContain('none of 1 host could be reached, so nothing was asked')
      expect(status).toBe(1)
    })
  })

  test('a host of several that is down is in the headline, and the plan stays green', async () => {
    const { status, told, lines } = await planOf({
      hosts: { ...two(), 'web-3': { ...two()['web-1'], port: await freePort() } },
    })
    expect(lines.find((line) => line.startsWith('plan '))).toContain(': 1 of 3 hosts could not be reached')
    expect(told).toMatch(/planned: 1 of 3 hosts could not be reached: web-3: no SSH connection/)
    expect(status).toBe(0)
  })

  test('a helper that is down is in the headline, for each host that needs it', async () => {
    const port = await freePort()
    const hook = { run: 'true', on: 'lb-1' }
    const { status, told } = await planOf({
      hosts: { ...two(), 'lb-1': { ...two()['web-1'], port, maintain: false } },
      stages: calmStages({ drain: { before: [hook] } }),
    })
    expect(told).toContain('2 of 2 hosts would not be maintained now')
    expect(told).toMatch(
      /would stop in drain: a machine it needs cannot be had: lb-1: no SSH connection to 127\.0\.0\.1/,
    )
    expect(status).toBe(0)
  })

  const traffic = (state: string) => ({
    traffic: [{ command: { drain: 'touch drained', undrain: 'rm drained', state } }],
  })

  test.each([
    ['echo IN', 'the state command ended with exit code 0 and printed "IN"; expected in or out'],
    ['echo no server >&2; exit 7', 'the state command ended with exit code 7'],
    ['echo out', 'traffic is out already'],
  ])('a host whose traffic does not read as in would not be maintained: %s', async (state, said) => {
    const { status, told } = await planOf({ hosts: two(), stages: calmStages({ drain: traffic(state) }) })
    expect(told).toContain('2 of 2 hosts would not be maintained now')
    expect(told).toContain(said)
    expect(status).toBe(0)
  })

  test('a check that fails now is in the headline; one that is a command is not run, and the plan says so', async () => {
    const port = await freePort()
    const checks = [{ tcp: { port } }, { command: { name: 'smoke', run: `touch ${bench.folder}/ran` } }]
    const { status, told } = await planOf({ hosts: two(), stages: calmStages({ verify: { checks } }) })
    expect(told).toMatch(/would stop in monitor: a declared check is broken before anything changed: tcp:localhost:\d+/)
    expect(told).toContain('not tried, because a plan runs no command of the file: command:smoke')
    expect(existsSync(join(bench.folder, 'ran'))).toBe(false)
    expect(status).toBe(0)
  })

  test('hooks and golive are shown', async () => {
    const stages = calmStages({
      drain: { when: 'always', ...traffic('echo in'), before: [{ run: 'echo soon' }] },
      golive: { watch: '90s', after: [{ run: 'echo back', on: 'runner' }] },
    })
    const { told, status } = await planOf({ hosts: two(), stages })
    expect(told).toContain('by the file: before drain: echo soon (web-1, web-2)')
    expect(told).toContain('by the file: after golive: echo back (on runner) (web-1, web-2)')
    expect(told).toContain('in golive: Let traffic back (command) (web-1, web-2)')
    expect(told).toContain('in golive: Watch the checks under traffic for 1 min 30 s (web-1, web-2)')
    expect(status).toBe(0)
  })

  test('a plan in which nothing is against any host says nothing of the kind', async () => {
    const { status, told } = await planOf({ hosts: two(), stages: calmStages({ drain: traffic('echo in') }) })
    expect(told).toContain('planned: 2 hosts planned, 2 of them contacted')
    expect(told).not.toMatch(/would (not be maintained|stop)|could not be reached/)
    expect(status).toBe(0)
  })
})
