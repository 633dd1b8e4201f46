import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { freePort, makeFolder, makeKey, noSshd, type Sshd, startSshd } from '../sshd'
import { Bench, calmStages, hostEntry, loginTo } from './bench'

/** The mistakes of a first week: what is written, what is shown for it, and how the command ends. */

const HOSTS =
  'version: 1\nhosts: { web-1: { address: 192.0.2.11, group: web }, lb-1: { address: b, maintain: false } }\n'
const stages = (text: string) => `${HOSTS}stages:\n  ${text}\n`
const window = (text: string) => `${HOSTS}window: { ${text} }\n`

const FILES: readonly (readonly [mistake: string, file: string, shown: string])[] = [
  [
    'indented by one space',
    `${HOSTS}stages:\n  update:\n    packages: all\n   reboot: never\n`,
    'maintenance.yml:6:1: this is not YAML: the indentation does not fit; what belongs together begins in the same column\n       reboot: never\n       ^\n',
  ],
  ['a tab', 'version: 1\nhosts:\n\tweb-1: { address: a }\n', '3:1: a tab stands here, use spaces\n     web-1'],
  ['package:', stages('update: { package: all }'), '"package" is not a key here; did you mean "packages"?'],
  ['stage:', `${HOSTS}stage: {}\n`, 'stage: "stage" is not a key here; did you mean "stages"?'],
  [
    'status: for state:',
    stages('drain: { traffic: [command: { drain: a, undrain: b, status: c }] }'),
    'did you mean "state"?',
  ],
  [
    'needs of no group',
    `${HOSTS}groups: { web: { needs: [dbs] } }\n`,
    'no group of this file is called "dbs"; there is web',
  ],
  ['a group without hosts', `${HOSTS}groups: { wbe: {} }\n`, 'no host is in the group "wbe"; did you mean "web"?'],
  [
    'a window without timezone',
    window('open: "0 2 * * sun", duration: 3h'),
    '3:1: window.timezone: is missing; write a time zone such as Europe/Berlin or UTC',
  ],
  [
    'a cron that is none',
    window('open: "2am", duration: 3h, timezone: UTC'),
    'expected a cron expression of five fields that some day meets, such as "0 2 * * sun" or "0 2 * * sun#2"',
  ],
  [
    'Europe/Berlim',
    window('open: "0 2 * * sun", duration: 3h, timezone: Europe/Berlim'),
    'expected a time zone such as Europe/Berlin or UTC',
  ],
  [
    '3 hours',
    window('open: "0 2 * * sun", duration: 3 hours, timezone: UTC'),
    'expected a duration such as 90s, 10m, 3h or 7d',
  ],
  ['canary: yes', `${HOSTS}rollout: { canary: yes }\n`, 'rollout.canary: expected a'],
  [
    'a host key that is no list',
    'version: 1\nhosts: { web-1: { address: a, host_key: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" } }\n',
    'expected a list: write host_key: ["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"]',
  ],
  ['- service: app', stages('verify: { checks: [service: app] }'), 'expected a mapping: write service: { name: app }'],
  [
    '- http: "http://…"',
    stages('verify: { checks: [http: "http://localhost/"] }'),
    'expected a mapping: write http: { url: "http://localhost/" }',
  ],
  [
    'hosts as a list',
    'version: 1\nhosts:\n  - web-1: { address: a }\n',
    '2:1: hosts: expected a mapping: write hosts: { web-1: { address: 192.0.2.11 } }\n',
  ],
  ['on: lb1', stages('drain: { before: [{ run: "true", on: lb1 }] }'), 'called "lb1"; did you mean "lb-1"?'],
  ['a script that is not there', stages('drain: { before: [run: ./dump.sh] }'), './dump.sh: there is no such file'],
  ['../balancer.sh', stages('drain: { before: [run: ../balancer.sh out] }'), '"../balancer.sh": a script lies beside'],
  ['balancer.sh without ./', stages('drain: { before: [run: balancer.sh out] }'), 'did you mean "./balancer.sh"?'],
  ['{hostname}', stages('drain: { before: [run: "echo {hostname}"] }'), '{hostname} is no placeholder'],
]

let bench: Bench
beforeEach(() => {
  bench = new Bench()
  bench.write('balancer.sh', 'exit 0\n')
})
afterEach(() => bench[Symbol.dispose]())

describe('mistakes in the file: a plan names the place and what to write, and ends with 2', () => {
  test.each(FILES)('%s', async (_, file, shown) => {
    bench.write('maintenance.yml', file)
    const { status, told } = await bench.start(['plan'])
    expect(told).toContain(shown)
    expect(status).toBe(2)
  })

  test.each(FILES.slice(0, 1))('%s: nothing more is said of it', async (_, file) => {
    bench.write('maintenance.yml', file)
    expect((await bench.start(['plan'])).told.match(/^maintenance\.yml:/gm)).toHaveLength(1)
  })
})

describe.skipIf(noSshd() !== null)('mistakes that a host shows', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  const host = () => hostEntry(bench, sshd, 'web-1')

  function write(file: Record<string, unknown>): void {
    bench.write('maintenance.yml', stringify({ version: 1, hosts: { 'web-1': host() }, stages: calmStages(), ...file }))
  }

  const start = (command: string, flags = loginTo(bench, sshd), env: NodeJS.ProcessEnv = {}) =>
    bench.start([command, ...flags], env)

  test('a group that nobody declared, near one that is', async () => {
    write({
      hosts: { 'web-1': { ...host(), group: 'web' }, 'web-2': { ...host(), group: 'wbe' } },
      groups: { web: {} },
    })
    const { status, told } = await start('plan')
    expect(told).toContain('note: web-2: the group "wbe" is not among `groups`; did you mean "web"?')
    expect(status).toBe(0)
  })

  test('two hosts that are one machine', async () => {
    const { state_dir: _, become: __, ...one } = host()
    write({ hosts: { 'web-1': { ...one, become: 'none' }, 'web-2': { ...one, become: 'none' } } })
    const { status, told } = await start('plan')
    expect(told).toContain('1 of 2 hosts would not be maintained now')
    expect(told).toMatch(/web-[12] and web-[12] are the same machine \(one machine id\)/)
    expect(told).toContain('rm /etc/machine-id; systemd-machine-id-setup')
    expect(status).toBe(0)
  })

  const secret = { verify: { checks: [{ command: { name: 'db', run: 'true', env: { PW: '${env:DBPW}' } } }] } }
  const at = 'stages.verify.checks[0].command.env.PW: '

  test('a secret that is not listed: said in the plan, and a run ends with 2', async () => {
    write({ stages: calmStages(secret) })
    const plan = await start('plan', undefined, { DBPW: 'correct horse' })
    expect(plan.told).toContain(`would stop in prepare: ${at}DBPW is not listed in --secrets`)
    expect(plan.status).toBe(0)
    const run = await start('run')
    expect(run.told).toContain(`${at}DBPW is not listed`)
    expect(run.status).toBe(2)
  })

  test('a secret that is listed and not set: said in the plan, and a run ends with 2 before anything is begun', async () => {
    write({ stages: calmStages(secret) })
    const flags = [...loginTo(bench, sshd), '--secrets', 'DBPW']
    const plan = await start('plan', flags)
    expect(plan.told).toContain(`would stop in prepare: ${at}the environment variable DBPW is empty or not set`)
    expect(plan.status).toBe(0)
    const run = await start('run', flags)
    expect(run.told).toContain(`${at}the environment variable DBPW is empty or not set`)
    expect(run.told).not.toContain('prepare')
    expect(run.status).toBe(2)
    expect((await start('plan', flags, { DBPW: 'correct horse' })).told).not.toContain('would stop')
  })

  test('no known hosts', async () => {
    write({})
    const [, key = ''] = loginTo(bench, sshd)
    const { status, told } = await start('plan', ['--identity', key])
    expect(told).toContain('no host key is known')
    expect(status).toBe(3)
  })

  test('a key file that is missing, a public key, a key with a passphrase', async () => {
    write({})
    const known = loginTo(bench, sshd).slice(2)
    const missing = await start('run', ['--identity', 'nokey', ...known])
    expect(missing.told).toMatch(/nokey cannot be read/)
    expect(missing.status).toBe(2)
    const open = await start('run', ['--identity', `${sshd.clientKey.path}.pub`, ...known])
    expect(open.told).toContain('the text is a public key; give the private half, the file without .pub')
    expect(open.status).toBe(3)
    const locked = await start('run', ['--identity', makeKey(makeFolder(), 'locked', 'ed25519', 'pass').path, ...known])
    expect(locked.told).toContain('is protected by a passphrase')
    expect(locked.status).toBe(3)
  })

  test.each([
    ['a wrong user', () => ({ user: 'deploy' }), 'login as deploy was refused', 3],
    [
      'a wrong host key',
      () => ({ host_key: [makeKey(makeFolder(), 'h').fingerprint] }),
      'if it is the same, pin it',
      3,
    ],
  ])('%s', async (_, wrong, shown, exit) => {
    write({ hosts: { 'web-1': { ...host(), ...wrong() } } })
    for (const command of ['plan', 'run']) {
      const { status, told } = await start(command)
      expect(told, command).toContain(shown)
      expect(status, command).toBe(exit)
    }
  })

  test('a host that is down', async () => {
    write({ hosts: { 'web-1': { ...host(), port: await freePort() } } })
    for (const command of ['plan', 'run']) {
      const { status, told } = await start(command)
      expect(told, command).toContain('check address and port, and that sshd runs')
      expect(status, command).toBe(1)
    }
  })

  test('a check that fails before anything was changed', async () => {
    write({ stages: calmStages({ verify: { checks: [{ tcp: { port: await freePort() } }] } }) })
    const { status, told } = await start('run')
    expect(told).toContain('a declared check is broken before anything changed: tcp:localhost:')
    expect(status).toBe(1)
  })

  const traffic = (commands: Record<string, string>) => ({
    drain: { when: 'always', traffic: [{ command: { undrain: 'true', state: 'echo in', ...commands } }] },
  })

  test('a drain that fails', async () => {
    write({ stages: calmStages(traffic({ drain: 'exit 1' })) })
    const { status, told } = await start('run')
    expect(told).toContain('Take traffic away (command): ended with exit code 1; what was done is undone')
    expect(status).toBe(1)
  })

  test('a report is written for each of these', async () => {
    write({ hosts: { 'web-1': { ...host(), user: 'deploy' } } })
    await start('plan')
    const report = JSON.parse(readFileSync(join(bench.folder, 'pitstop-report/report.json'), 'utf8'))
    expect(report.run).toMatchObject({ verdict: 'refused', reason: 'key' })
    expect(report.hosts[0]).toMatchObject({ verdict: 'unreachable' })
  })
})
