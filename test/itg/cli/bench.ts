import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import type { Sshd } from '../sshd'

export interface Ended {
  readonly status: number | null
  /** Output and errors, as a person sees them. */
  readonly told: string
}

/** A folder with a maintenance file and what lies beside it, and the command line started in it. */
export class Bench {
  // Where everybody may write, root keeps nothing (H22).
  readonly folder = mkdtempSync(join(userInfo().uid === 0 ? homedir() : tmpdir(), '.pitstop-bench-'))

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text, { mode: 0o700 })
  }

  /** The command line with these arguments. Nothing of the environment of the tests gets in. */
  async start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(process.execPath, [join(inject('bundle'), 'cli.js'), ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let told = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        told += text
      })
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { status, told }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The flags that reach `sshd` with its own key, and trust it. */
export function loginTo(bench: Bench, sshd: Sshd): readonly string[] {
  bench.write('known', sshd.knownHosts)
  return ['--identity', sshd.clientKey.path, '--known-hosts-file', 'known']
}

/** A host of the file that is `sshd` on loopback: nothing needs root, nothing is updated, nothing of the machine is judged. */
export function hostEntry(bench: Bench, sshd: Sshd, name: string): Record<string, unknown> {
  return {
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    become: 'none',
    state_dir: join(bench.folder, `state-${name}`),
  }
}

const NO_LIMITS = { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false }

/** Stages in which nothing of the machine that runs the tests decides. */
export function calmStages(more: Record<string, Record<string, unknown>> = {}): Record<string, unknown> {
  const calm: Record<string, Record<string, unknown>> = {
    prepare: { backup: [], download: false, space: false },
    monitor: { sample: '0s', limits: NO_LIMITS },
    clean: { package_cache: false, kernels: false, temp: false },
    update: { packages: 'none', reboot: 'never' },
    verify: { compare: false, security: false, retry: { for: '0s', every: '0s', passes: 1 } },
    golive: { watch: '1s' },
  }
  for (const [stage, keys] of Object.entries(more)) calm[stage] = { ...calm[stage], ...keys }
  return calm
}
