import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { STAGES } from '../src/plan/step'
import { type KeyPair, makeKey, type Sshd, startSshd } from '../test/itg/sshd'
import { type Measured, measure } from './measure'

export interface NoopResult {
  readonly pitstop: Measured
  readonly floor: Measured
  /** The same proofs by bare commands: what they cost whoever asks for them. */
  readonly proofs: Measured
  /** null: there is no ansible-playbook on this machine. */
  readonly ansible: Measured | null
}

const COMMANDS_PER_STAGE = 3

/** 21 commands that do nothing, three in each of seven stages, on each of so many loopback sshd. */
export async function benchNoop(bundle: string, hosts: number, withAnsible: boolean): Promise<NoopResult> {
  // Not below /tmp: a state folder there is refused, as everybody may write beside it.
  const folder = mkdtempSync(join(homedir(), '.pitstop-bench-'))
  const key = makeKey(folder, 'client')
  const servers: Sshd[] = []
  try {
    for (let i = 0; i < hosts; i++) servers.push(await startSshd({ authorized: [key.publicKey] }))
    const user = servers[0]?.user ?? 'root'
    const env = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8' }
    const ports = servers.map((s) => String(s.port))
    const node = (script: string, args: readonly string[]) => [process.execPath, join(bundle, script), ...args]
    const floor = await measure('bare ssh2', node('floor.js', [key.path, user, String(STAGES.length), ...ports]), {
      cwd: folder,
      env,
    })
    const proofs = await measure('the same proofs, bare', node('proofs.js', [key.path, user, ...ports]), {
      cwd: folder,
      env,
    })
    const pitstop = await measure('Pitstop', node('cli.js', pitstopArguments(folder, servers, key)), {
      cwd: folder,
      env,
    })
    return { floor, proofs, pitstop, ansible: withAnsible ? await ansible(folder, servers, key, env) : null }
  } finally {
    await Promise.all(servers.map((s) => s.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

function pitstopArguments(folder: string, servers: readonly Sshd[], key: KeyPair): string[] {
  const before = Array.from({ length: COMMANDS_PER_STAGE }, () => ({ run: 'true' }))
  const off: Record<(typeof STAGES)[number], Record<string, unknown>> = {
    prepare: { backup: [], download: false, space: false },
    monitor: {
      sample: '0s',
      limits: { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false },
    },
    drain: {},
    clean: { package_cache: false, kernels: false, temp: false },
    update: { packages: 'none', reboot: 'never' },
    verify: { compare: false, security: false, retry: { for: '0s', every: '0s', passes: 1 } },
    golive: { watch: '0s' },
  }
  const stages = Object.fromEntries(STAGES.map((name) => [name, { ...off[name], before }]))
  const all = servers.map((s, i) => {
    const state = join(folder, `state-${i}`)
    mkdirSync(state, { mode: 0o700 })
    // All are one machine: such entries are allowed without root, each with a state of its own.
    return [`host-${i}`, { address: '127.0.0.1', port: s.port, become: 'none', state_dir: state }] as const
  })
  const rollout = {
    canary: 0,
    batch: servers.length,
    max_unavailable: servers.length,
    parallel: servers.length,
    soak: '0s',
  }
  const file = {
    version: 1,
    ssh: { user: servers[0]?.user ?? 'root' },
    hosts: Object.fromEntries(all),
    rollout,
    stages,
  }
  writeFileSync(join(folder, 'maintenance.yml'), stringify(file, { aliasDuplicateObjects: false }))
  writeFileSync(join(folder, 'known_hosts'), servers.map((s) => s.knownHosts).join(''))
  return ['run', '--identity', key.path, '--known-hosts-file', join(folder, 'known_hosts'), '--report-dir', 'report']
}

/** Debian's ansible-playbook as its own documents say it is fastest. */
async function ansible(
  folder: string,
  servers: readonly Sshd[],
  key: KeyPair,
  env: Record<string, string>,
): Promise<Measured | null> {
  if (spawnSync('sh', ['-c', 'command -v ansible-playbook']).status !== 0) return null
  const config = [
    '[defaults]',
    'forks = 50',
    'inventory = inventory',
    'interpreter_python = /usr/bin/python3',
    '[ssh_connection]',
    'pipelining = True',
    `ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${folder}/known_hosts`,
    `control_path_dir = ${folder}/cp`,
    '',
  ]
  writeFileSync(join(folder, 'ansible.cfg'), config.join('\n'))
  const lines = servers.map(
    (s, i) =>
      `host-${i} ansible_host=127.0.0.1 ansible_port=${s.port} ansible_user=${s.user} ansible_ssh_private_key_file=${key.path}`,
  )
  writeFileSync(join(folder, 'inventory'), `${lines.join('\n')}\n`)
  const task = { 'ansible.builtin.shell': 'true', changed_when: false }
  const tasks = Array.from({ length: STAGES.length * COMMANDS_PER_STAGE }, () => task)
  writeFileSync(join(folder, 'play.yml'), stringify([{ hosts: 'all', gather_facts: false, tasks }]))
  return measure('ansible-playbook', ['ansible-playbook', 'play.yml'], { cwd: folder, env })
}
