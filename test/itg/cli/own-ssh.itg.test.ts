import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { makeFolder, noSshd, type Sshd, startSshd } from '../sshd'

type Ended = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>

/** A laptop: a home with ssh settings, and a maintenance file in another folder. */
async function laptop(config: (sshd: Sshd) => string): Promise<{ home: string; pitstop: (...a: string[]) => Ended }> {
  const sshd = await startSshd()
  onTestFinished(() => sshd.stop())
  const home = makeFolder('pitstop-laptop-')
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  mkdirSync(join(home, 'ops'))
  mkdirSync(join(home, 'here'))
  writeFileSync(join(home, '.ssh/id_lab'), sshd.clientKey.privateKey, { mode: 0o600 })
  // The plain name, as `ssh` on port 22 would have kept it; a line that nothing reads is passed over.
  const line = sshd.hostKeyLine.replace(/^\S+/, '127.0.0.1')
  writeFileSync(join(home, '.ssh/known_hosts'), `damaged line\n${line}\n`)
  writeFileSync(join(home, '.ssh/config'), config(sshd))
  writeFileSync(
    join(home, 'ops/m.yml'),
    'version: 1\nssh: { become: none }\nhosts: { web-1: { address: web } }\nstages: { update: { packages: none } }\n',
  )
  const pitstop = (...args: string[]): Ended =>
    spawnSync(process.execPath, [join(inject('bundle'), 'cli.js'), ...args], {
      cwd: join(home, 'here'),
      env: { PATH: process.env.PATH, HOME: home },
      encoding: 'utf8',
    })
  return { home, pitstop }
}

const named = (sshd: Sshd) =>
  `Host web\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${sshd.user}\n  IdentityFile ~/.ssh/id_lab\n`

describe.skipIf(noSshd() !== null)('the command line on a laptop', () => {
  test('logs in with ~/.ssh/config and ~/.ssh/known_hosts alone, by an absolute path, and says what it read', async () => {
    const { home, pitstop } = await laptop(named)
    const status = pitstop('status', '--config', join(home, 'ops/m.yml'))
    expect(status.stdout, status.stderr).toContain('never maintained by Pitstop')
    expect(status.status).toBe(0)
    expect(status.stderr).toMatch(/known hosts: ~\/\.ssh\/known_hosts/)
    expect(status.stderr).toMatch(/web-1: HostName 127\.0\.0\.1, (User \S+, )?Port \d+/)
    expect(status.stderr).toContain('IdentityFile ~/.ssh/id_lab')
  })

  test('every run leaves a summary as a page and as text in the folder it was started from, and says where', async () => {
    const { home, pitstop } = await laptop(named)
    const plan = pitstop('plan', '--config', '../ops/m.yml')
    expect(plan.status, plan.stderr + plan.stdout).toBe(0)
    const page = join(home, 'here/pitstop-report/summary.html')
    expect(plan.stdout).toContain(`summary: ${page}`)
    expect(readFileSync(page, 'utf8')).toContain('web-1')
    expect(readFileSync(join(home, 'here/pitstop-report/summary.md'), 'utf8')).toContain('web-1')
  })

  test('speaks of its own flags, never of inputs of the action', async () => {
    const { home, pitstop } = await laptop(() => '')
    const run = pitstop('run', '--config', join(home, 'ops/m.yml'))
    expect(run.status).toBe(3)
    expect(run.stdout).toContain('give --identity, or run where an ssh agent answers')
    expect(run.stdout + run.stderr).not.toMatch(/ssh-private-key|the inputs?\b/)
    expect(run.stdout).toMatch(/^Next: Check --identity and --known-hosts-file/m)
    expect(existsSync(join(home, 'here/pitstop-report/summary.html'))).toBe(true)
  })

  test('a host name of the ssh config that is no host, or a key that is not there, is no trouble of its own', async () => {
    const { home, pitstop } = await laptop((sshd) => named(sshd).replace('id_lab', 'gone'))
    const status = pitstop('status', '--config', join(home, 'ops/m.yml'))
    expect(status.status, status.stderr).toBe(3)
    expect(status.stdout).toContain('--identity')
  })
})
