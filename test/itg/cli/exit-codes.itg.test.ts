import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'

const FAR = 'version: 1\nhosts:\n  far-1: { address: 192.0.2.1 }\n'

let folder: string
// Where everybody may write, root keeps nothing (H22).
const base = userInfo().uid === 0 ? homedir() : tmpdir()
beforeEach(() => {
  folder = mkdtempSync(join(base, '.pitstop-exit-codes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function exitOf(file: string, ...args: readonly string[]): { status: number | null; told: string } {
  writeFileSync(join(folder, 'maintenance.yml'), file)
  const env = { PATH: process.env.PATH, HOME: folder }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(inject('bundle'), 'cli.js'), ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  return { status, told: stdout + stderr }
}

const release = (name: string) => ['release', name, '--reason', 'looked at it']

/** A lease as a run at work on this very machine would hold it. */
function leased(stateDir: string): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const up = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
  mkdirSync(stateDir, { mode: 0o700 })
  const lines = ['token=3', 'owner=somebody', 'run=0123abcd', `boot=${boot}`, `up=${up}`, 'ttl=600', 'url=command-line']
  writeFileSync(join(stateDir, 'lease'), `${lines.join('\n')}\n`)
}

describe('every command exits 3 where it is refused by lease or key', () => {
  test.each(['run', 'verify', 'recover', 'status'])('%s without a key', (command) => {
    const { status, told } = exitOf(FAR, command)
    expect(status).toBe(3)
    expect(told).toContain('--identity')
  })

  test('release without a key', () => {
    expect(exitOf(FAR, ...release('far-1')).status).toBe(3)
  })

  test.each([['run'], release('me')])('%s of a host that another run has', (...command) => {
    const stateDir = join(folder, 'state')
    leased(stateDir)
    const { status, told } = exitOf(
      `version: 1\nhosts:\n  me: { transport: local, become: none, state_dir: ${stateDir} }\nstages: { update: { packages: none } }\n`,
      ...command,
    )
    expect(told).toMatch(/0123abcd/)
    expect(status).toBe(3)
  })
})

describe('bad usage and a bad file exit 2, whatever the command', () => {
  test.each([['run'], ['plan'], ['verify'], ['recover'], ['status'], ['pin'], release('far-1')])('%s', (...command) => {
    expect(exitOf('version: 1\nhosts: { far-1: { adress: x } }\n', ...command).status).toBe(2)
    expect(exitOf(FAR, ...command, '--nonsense').status).toBe(2)
  })
})
