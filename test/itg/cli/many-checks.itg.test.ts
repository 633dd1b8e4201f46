import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { stringify } from 'yaml'

const LONG_MS = 120_000

it('a file of many checks is carried out without a word of the library that runs it', { timeout: LONG_MS }, () => {
  // Where everybody may write, root keeps nothing (H22).
  const folder = mkdtempSync(join(userInfo().uid === 0 ? homedir() : tmpdir(), '.pitstop-many-checks-'))
  const out = join(folder, 'out')
  const off = { package_cache: false, kernels: false, temp: false }
  const traffic = [
    { command: { drain: `: >${out}`, undrain: `rm ${out}`, state: `[ -e ${out} ] && echo out || echo in` } },
  ]
  const checks = Array.from({ length: 12 }, (_, i) => ({ command: { run: `test ${i} -ge 0` } }))
  const stages = {
    prepare: { backup: [], download: false, space: false },
    monitor: {
      sample: '0s',
      limits: { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false },
    },
    drain: { when: 'always', traffic, connections: { for: '0s' } },
    clean: off,
    update: { packages: 'none', reboot: 'never' },
    verify: { checks, compare: false, security: false, retry: { for: '0s', every: '0s', passes: 1 } },
    golive: { watch: '1s' },
  }
  const hosts = { me: { transport: 'local', become: 'none', state_dir: join(folder, 'state') } }
  try {
    writeFileSync(join(folder, 'maintenance.yml'), stringify({ version: 1, hosts, stages }))
    const end = spawnSync(process.execPath, [join(inject('bundle'), 'cli.js'), 'run'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      encoding: 'utf8',
    })
    expect(end.status, end.stdout).toBe(0)
    expect(end.stderr).toBe('')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
