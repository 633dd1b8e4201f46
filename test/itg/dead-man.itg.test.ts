import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { MOTD } from '../../src/host/held/notice'
import { noSshd, type Sshd, startSshd } from './sshd'

const isRootWithoutSystemd = process.getuid?.() === 0 && !existsSync('/run/systemd/system')
const LONG_MS = 50_000

// A machine that systemd did not start is a real host without it, and root may keep a state there.
describe.skipIf(noSshd() !== null || !isRootWithoutSystemd)("the dead man's timer on a host without systemd", () => {
  const hadMotd = existsSync(MOTD)
  let sshd: Sshd
  let workspace: string
  let state: string
  let runner: ChildProcess | null = null

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    if (!hadMotd) rmSync(MOTD, { force: true })
  })
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'dead-man-'))
    // Every folder above it is root's alone.
    state = join(mkdtempSync('/var/lib/pitstop-dead-man-'), 'state')
  })
  afterEach(async () => {
    if (runner !== null && runner.exitCode === null) runner.kill('SIGKILL')
    writeFileSync(at('go'), '')
    // Without this file the loop ends by itself, and nothing of it outlives its test.
    rmSync(join(state, 'dead-man/armed'), { force: true })
    await expect.poll(watches, { timeout: LONG_MS }).toEqual([])
    rmSync(workspace, { recursive: true, force: true, maxRetries: 5 })
    rmSync(join(state, '..'), { recursive: true, force: true, maxRetries: 5 })
  })

  const at = (name: string) => join(workspace, name)
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const watches = () =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`${state}/dead-man/watch`)
      } catch {
        return false
      }
    })

  /** A driver that is one file, and says who brought users back: the undo of a drain, or go-live. */
  function maintenance(hook: object): string {
    const off = { package_cache: false, kernels: false, temp: false }
    const limits = { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false }
    const drain = { drain: `: >${at('out')}`, undrain: `rm ${at('out')} && echo "$PITSTOP_STAGE" >>${at('back')}` }
    const traffic = [{ command: { ...drain, state: `[ -e ${at('out')} ] && echo out || echo in` } }]
    const reach = { address: '127.0.0.1', port: sshd.port, user: 'root', become: 'none', state_dir: state }
    const stages = {
      prepare: { backup: false, download: false, space: false },
      monitor: { sample: '0s', limits },
      drain: { when: 'always', traffic, connections: { for: '0s' }, ...hook },
      clean: off,
      update: { packages: 'none', reboot: 'never' },
      verify: { compare: false, security: false, checks: [], retry: { for: '10s', every: '1s', passes: 1 } },
      golive: { watch: '0s' },
    }
    return JSON.stringify({ version: 1, hosts: { 'box-1': reach }, stages })
  }

  /** A run that has got to its hook, which waits for the file `go`. */
  async function runIntoHook(): Promise<{ readonly ended: Promise<number | null>; readonly log: () => string }> {
    const hook = { run: `: >${at('in-hook')}; until [ -e ${at('go')} ]; do sleep 0.2; done` }
    writeFileSync(at('maintenance.yml'), maintenance({ after: [hook] }))
    writeFileSync(at('known_hosts'), sshd.knownHosts)
    const flags = ['--identity', sshd.clientKey.path, '--known-hosts-file', at('known_hosts')]
    const child = spawn(process.execPath, [join(inject('bundle'), 'cli.js'), 'run', ...flags], {
      cwd: workspace,
      env: { PATH: process.env.PATH },
    })
    runner = child
    let log = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    await expect.poll(() => existsSync(at('in-hook')) || log.slice(-2_000), { timeout: LONG_MS }).toBe(true)
    return { ended, log: () => log }
  }

  it('undoes the drain of a run that was killed, once its program has ended and its lease is over', async () => {
    const run = await runIntoHook()
    expect(watches()).not.toEqual([])
    runner?.kill('SIGKILL')
    await run.ended
    expect(existsSync(at('out'))).toBe(true)
    writeFileSync(at('go'), '')
    // The lease of a run that is gone ends after ten minutes by the host's own uptime; here after a second.
    const lease = read(join(state, 'lease'))
    expect(lease).toMatch(/^owner=.+$/m)
    writeFileSync(join(state, 'lease'), lease.replace(/^ttl=.*$/m, 'ttl=1'))
    await expect.poll(() => read(at('back')), { timeout: LONG_MS }).toBe('drain\n')
    await expect.poll(() => read(join(state, 'state')), { timeout: LONG_MS }).toMatch(/^drained=false$/m)
    expect(existsSync(at('out'))).toBe(false)
    expect(read(join(state, 'state'))).toMatch(/^touched=false$/m)
    expect(read(join(state, 'lease'))).toMatch(/^owner=$/m)
    await expect.poll(() => read(MOTD), { timeout: LONG_MS }).toContain('the drain was undone')
    await expect.poll(watches, { timeout: LONG_MS }).toEqual([])
  })

  it('does nothing to a run that goes on in time, and is gone after it', async () => {
    const run = await runIntoHook()
    const [watch] = watches()
    const sleeps = () => readFileSync(`/proc/${watch}/task/${watch}/children`, 'latin1')
    // It wakes, looks, and sleeps again while the run is at work.
    const first = sleeps()
    await expect.poll(() => existsSync(`/proc/${watch}`) && sleeps() !== first, { timeout: LONG_MS }).toBe(true)
    expect(existsSync(at('out'))).toBe(true)
    writeFileSync(at('go'), '')
    expect(await run.ended, run.log()).toBe(0)
    expect(read(at('back'))).toBe('golive\n')
    expect(existsSync(join(state, 'dead-man/said'))).toBe(false)
    await expect.poll(watches, { timeout: LONG_MS }).toEqual([])
    expect(read(at('back'))).toBe('golive\n')
  })
})
