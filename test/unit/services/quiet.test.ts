import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { packageManagerId } from '../../../src/packages/facts'
import { noPackageTool, waitForQuiet } from '../../../src/services/quiet'
import { factsOf, stageInput } from '../../fixtures/stage-input'

/** A /proc with these processes: name as the kernel cuts it, and command line. */
function isQuiet(processes: readonly (readonly [comm: string, ...argv: string[]])[]): boolean {
  const proc = mkdtempSync(join(tmpdir(), 'proc-'))
  onTestFinished(() => rmSync(proc, { recursive: true }))
  for (const [index, [comm, ...argv]] of processes.entries()) {
    const folder = join(proc, String(index + 1))
    mkdirSync(folder)
    writeFileSync(join(folder, 'comm'), `${comm}\n`)
    writeFileSync(join(folder, 'cmdline'), argv.map((word) => `${word}\0`).join(''))
  }
  return spawnSync('sh', ['-c', noPackageTool(proc).text]).status === 0
}

const SHUTDOWN = '/usr/share/unattended-upgrades/unattended-upgrade-shutdown'

describe('H39: jobs of the host itself', () => {
  it('a package manager at work is waited for', () => {
    expect(isQuiet([['bash', '-bash']])).toBe(true)
    for (const comm of ['apt-get', 'dpkg', 'dnf', 'zypper', 'pacman']) {
      expect(
        isQuiet([
          ['bash', '-bash'],
          [comm, comm, 'upgrade'],
        ]),
      ).toBe(false)
    }
  })

  it('unattended-upgrades at work is waited for', () => {
    expect(isQuiet([['unattended-upgr', '/usr/bin/python3', '/usr/bin/unattended-upgrade']])).toBe(false)
  })

  it('its helper that waits for a shutdown all day is not', () => {
    expect(isQuiet([['unattended-upgr', '/usr/bin/python3', SHUTDOWN, '--wait-for-signal']])).toBe(true)
    expect(
      isQuiet([
        ['unattended-upgr', '/usr/bin/python3', SHUTDOWN, '--wait-for-signal'],
        ['unattended-upgr', '/usr/bin/python3', '/usr/bin/unattended-upgrade'],
      ]),
    ).toBe(false)
  })

  it('nothing is waited for where there surely is neither a package manager nor systemd', () => {
    expect(waitForQuiet(stageInput({}, { facts: factsOf([packageManagerId, null]) }))).toEqual([])
    expect(waitForQuiet(stageInput({}, { facts: factsOf([packageManagerId, undefined]) }))).toMatchObject([
      { id: 'wait-quiet', title: 'Wait for package managers' },
    ])
  })
})
