import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadMaintenanceFile } from '../../../src/config/load'
import { requireSecretsListed } from '../../../src/config/secret-rules'
import { ConfigError, describeProblem } from '../../../src/errors'

interface Case {
  title: string
  /** Lines of maintenance.yml. */
  file: string[]
  /** Other files of the folder, by path. */
  files?: Record<string, string[]>
  /** `line:column: path: message`, all of them, in order. */
  problems: string[]
}

const folder = 'test/cases/config'
const cases = readdirSync(folder).map((name) => ({
  name,
  cases: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Case[],
}))

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pitstop-config-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode })
}

function load(text: string) {
  write('maintenance.yml', text)
  return loadMaintenanceFile('maintenance.yml', { root })
}

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((p) => describeProblem(p).replace(/^maintenance\.yml:/, ''))
  }
}

describe.each(cases)('$name', ({ cases }) => {
  it.each(cases)('$title', ({ file, files, problems }) => {
    for (const [path, lines] of Object.entries(files ?? {})) write(path, `${lines.join('\n')}\n`)
    expect(problemsOf(() => load(`${file.join('\n')}\n`))).toEqual(problems)
  })
})

const HEAD = 'version: 1\nhosts:\n  web-1: { address: 192.0.2.11 }\n'

describe('a loaded file', () => {
  it('knows of a limit of failures for the whole run only where the file itself, and no group, says one', () => {
    const head = 'version: 1\nhosts: { web-1: { address: 192.0.2.1, group: web } }\n'
    expect(load(head).maxFailures).toBeNull()
    expect(load(`${head}groups: { web: { rollout: { max_failures: 3 } } }\n`).maxFailures).toBeNull()
    const file = load(`${head}rollout: { max_failures: 10% }\ngroups: { web: { rollout: { max_failures: 3 } } }\n`)
    expect(file.maxFailures).toEqual({ share: 0.1 })
    expect(file.groups.get('web')?.rollout.max_failures).toBe(3)
  })

  it('needs only version and hosts; every default is settled', () => {
    const file = load(HEAD)
    const host = file.hosts.get('web-1')
    expect(host).toMatchObject({
      user: 'root',
      port: 22,
      group: 'default',
      become: 'none',
      becomeDeclared: false,
      transport: 'ssh',
    })
    expect(host).toMatchObject({
      jump: null,
      hostKey: [],
      stateDir: null,
      skip: null,
      window: [],
      maintain: true,
      line: 3,
    })
    expect([...file.groups.keys()]).toEqual(['default'])
    expect(host?.stages.prepare.backup).toEqual([{ archive: { paths: ['/etc'], to: '/var/backups/pitstop', keep: 4 } }])
    expect(host?.stages.update).toMatchObject({
      packages: 'all',
      removals: 'refuse',
      lock_wait: 600_000,
      drift: 'none',
    })
  })

  it('hashes the bytes of the file, a comment included', () => {
    expect(load(HEAD).configHash).not.toBe(load(`${HEAD}# a comment\n`).configHash)
    expect(load(HEAD).configHash).toBe(load(HEAD).configHash)
  })

  it('lays ssh, then the host over the defaults', () => {
    const file = load(
      'version: 1\nssh: { user: maint, port: 2200 }\nhosts:\n  a: { address: a }\n  b: { address: b, user: root, port: 22 }\n',
    )
    expect(file.hosts.get('a')).toMatchObject({ user: 'maint', port: 2200, become: 'sudo' })
    expect(file.hosts.get('b')).toMatchObject({ user: 'root', port: 22, become: 'none' })
  })

  it('lays the group over the stages: maps by key, a list replaces, key+ appends', () => {
    const file = load(
      [
        'version: 1',
        'hosts: { web-1: { address: a, group: web }, db-1: { address: b, group: db } }',
        'stages: { update: { exclude: [one], reboot: never }, verify: { checks: [{ tcp: { port: 1 } }] } }',
        'groups:',
        '  web: { stages: { verify: { checks+: [{ tcp: { port: 2 } }] }, update: { exclude: [two] } } }',
        '  db: {}',
      ].join('\n'),
    )
    const [web, db] = [file.hosts.get('web-1'), file.hosts.get('db-1')]
    expect(web?.stages.verify.checks.map((c) => 'tcp' in c && c.tcp.port)).toEqual([1, 2])
    expect(web?.stages.update).toMatchObject({ exclude: ['two'], reboot: 'never' })
    expect(db?.stages.verify.checks).toHaveLength(1)
    expect(web?.lines).toMatchObject({ 'stages.update.exclude': 5, 'stages.update.reboot': 3 })
    expect(web?.lines['stages.update.packages']).toBeUndefined()
    expect(file.lineOf('groups.web.stages.update.exclude')).toBe(5)
  })

  it('appends to the default list, and switches single items off', () => {
    const file = load(
      `${HEAD}stages: { prepare: { backup+: [{ command: { run: "true" } }], space: { /boot: false } }, monitor: { limits: { load_per_core: false } } }\n`,
    )
    const stages = file.hosts.get('web-1')?.stages
    expect(stages?.prepare.backup.map((b) => Object.keys(b)[0])).toEqual(['archive', 'command'])
    expect(stages?.prepare.space).toEqual({ '/': 1e9 })
    expect(stages?.monitor.limits).toMatchObject({ load_per_core: false, disk_used: 0.95 })
  })

  it("lays a group's window over that of the file, a list replaces it", () => {
    const file = load(
      [
        'version: 1',
        'window: { open: "0 2 * * sun", duration: 3h, timezone: UTC }',
        'hosts: { a: { address: a, group: a }, b: { address: b, group: b } }',
        'groups:',
        '  a: { window: { duration: 1h } }',
        '  b: { window: [{ open: "0 4 * * mon", duration: 2h, timezone: Asia/Jakarta }] }',
      ].join('\n'),
    )
    expect(file.hosts.get('a')?.window).toMatchObject([{ open: '0 2 * * sun', durationMs: 3_600_000, line: 2 }])
    expect(file.hosts.get('b')?.window).toMatchObject([{ timezone: 'Asia/Jakarta', line: 6 }])
  })

  it('orders groups by what they need, then as written', () => {
    const file = load(
      [
        'version: 1',
        'hosts: { a: { address: a, group: web }, b: { address: b, group: db }, c: { address: c, group: cache } }',
        'groups: { web: { needs: [cache, db] }, db: {}, cache: { needs: [db] } }',
      ].join('\n'),
    )
    expect([...file.groups.keys()]).toEqual(['db', 'cache', 'web'])
  })

  it('fills placeholders in for each host, but leaves commands to the shell', () => {
    const file = load(
      `${HEAD}stages: { verify: { checks: [{ http: { url: "http://{address}/{host}" } }, { command: { run: "echo {host}" } }] } }\n`,
    )
    const checks = file.hosts.get('web-1')?.stages.verify.checks
    expect(checks).toMatchObject([{ http: { url: 'http://192.0.2.11/web-1' } }, { command: { run: 'echo {host}' } }])
  })

  it('reads a script once, with its hash, from the folder of the file', () => {
    write('ops/deploy.sh', '#!/bin/bash\necho hi\n')
    write(
      'ops/maintenance.yml',
      `${HEAD}stages: { update: { apps: [{ name: app, run: ./deploy.sh a, rollback: ./deploy.sh b }] } }\n`,
    )
    const file = loadMaintenanceFile('ops/maintenance.yml', { root })
    expect([...file.scripts.keys()]).toEqual(['./deploy.sh'])
    const text = '#!/bin/bash\necho hi\n'
    const sha256 = createHash('sha256').update(text).digest('hex')
    expect(file.scripts.get('./deploy.sh')).toEqual({ path: './deploy.sh', text, sha256 })
  })

  it('H2: tells every use of a variable that the secrets input does not list', () => {
    write('x.sh', 'echo\n')
    const file = load(
      `${HEAD}stages: { drain: { before: [{ run: ./x.sh, env: { A: "\${env:TOKEN}", B: "\${env:OTHER}" } }] } }\n`,
    )
    expect(file.secrets).toEqual(['OTHER', 'TOKEN'])
    expect(() => requireSecretsListed(file, ['TOKEN', 'OTHER'])).not.toThrow()
    expect(problemsOf(() => requireSecretsListed(file, ['TOKEN']))).toEqual([
      '4:73: stages.drain.before[0].env.B: OTHER is not listed in the input secrets',
    ])
  })
})

describe('H16: a path that leads elsewhere', () => {
  it.each(['../maintenance.yml', '/etc/hostname', 'a/../../b.yml', ''])('is refused: %j', (path) => {
    expect(problemsOf(() => loadMaintenanceFile(path, { root }))).toHaveLength(1)
  })

  it('is refused when a symbolic link hides it, and nothing of the other file is shown', () => {
    symlinkSync('/etc/passwd', join(root, 'maintenance.yml'))
    const [problem] = problemsOf(() => loadMaintenanceFile('maintenance.yml', { root }))
    expect(problem).toContain('outside the folder')
    expect(problem).not.toContain('root')
  })

  it('is refused for scripts, directories and devices included', () => {
    mkdirSync(join(root, 'dir.sh'))
    symlinkSync('/proc/self/environ', join(root, 'env.sh'))
    const text = `${HEAD}stages: { drain: { before: [{ run: ./dir.sh }, { run: ./env.sh }, { run: ./../x.sh }] } }\n`
    const problems = problemsOf(() => load(text))
    expect(problems.map((p) => p.replace(/^.*: \.\//, './'))).toEqual([
      './dir.sh: this is not a regular file',
      './env.sh: the file lies outside the folder it is named from (symbolic link)',
      './../x.sh: the path cannot hold ".."',
    ])
  })
})

describe('H15: what YAML could smuggle in', () => {
  it.each([
    ['an alias', 'version: 1\nhosts: &h { a: { address: a } }\ngroups: *h\n'],
    ['a merge key', 'version: 1\nhosts:\n  a: { <<: { address: a } }\n'],
    ['a tag', 'version: 1\nname: !!binary aGk=\nhosts: { a: { address: a } }\n'],
    ['a custom tag', 'version: 1\nname: !vault x\nhosts: { a: { address: a } }\n'],
    ['a directive', '%YAML 1.1\n---\nversion: 1\nhosts: { a: { address: a } }\n'],
    ['a second document', `${HEAD}---\nversion: 1\n`],
    ['a duplicate key', `${HEAD}version: 1\n`],
    ['a tab', 'version:\t1\nhosts: { a: { address: a } }\n'],
    ['__proto__ as a host', 'version: 1\nhosts: { a: { address: a }, __proto__: { address: b } }\n'],
    ['__proto__ anywhere', `${HEAD}stages: { __proto__: {} }\n`],
    ['a key that is a list', `${HEAD}? [a]\n: 1\n`],
    ['nesting without end', '['.repeat(100_000)],
    ['more than 1 MiB', `${HEAD}#${'x'.repeat(1_048_576)}\n`],
  ])('refuses %s', (_, text) => {
    expect(problemsOf(() => load(text)).length).toBeGreaterThan(0)
  })

  it('refuses bytes that are not UTF-8', () => {
    write('maintenance.yml', Buffer.from([0x76, 0xff, 0xfe]))
    expect(problemsOf(() => loadMaintenanceFile('maintenance.yml', { root }))[0]).toContain('UTF-8')
  })

  it('keeps a host called constructor as any other', () => {
    expect([...load('version: 1\nhosts: { constructor: { address: a } }\n').hosts.keys()]).toEqual(['constructor'])
  })
})
