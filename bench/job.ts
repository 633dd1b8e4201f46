import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { OutsideClient } from '../test/e2e/outside-client'
import { type Lab, startLab } from '../test/lab/lab'
import { type Measured, measure } from './measure'

export interface JobMeasured extends Measured {
  /** How long a user got no good answer from a host, all its outages together, for each host. */
  readonly downMs: readonly number[]
  /** From the first answer that was missed to the first good one after the last, for each host: `downtimeMs` of a report. */
  readonly outMs: readonly number[]
}

export interface JobResult {
  readonly pitstop: JobMeasured
  readonly script: JobMeasured
}

/** Archive, download, stop the service, clean, upgrade, reboot, service back: three hosts, one by one, no waits. */
export async function benchJob(bundle: string): Promise<JobResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-job-'))
  const ours = ['web-1', 'web-2', 'web-3']
  const theirs = ['app-1', 'app-2', 'app-3']
  await using lab = await startLab([...ours, ...theirs])
  try {
    for (const host of lab.hosts)
      host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0', 'demo-conf=2.0', 'pitstop-demo=2.0'] })
    const env = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8' }
    const script = ['sh', join(import.meta.dirname, 'careful.sh'), sshConfig(folder, lab, theirs), ...theirs]
    const pitstop = [process.execPath, join(bundle, 'cli.js'), ...pitstopArguments(folder, lab, ours)]
    return {
      script: await watched(lab, theirs, () => measure('careful ssh script', script, { cwd: folder, env })),
      pitstop: await watched(lab, ours, () => measure('Pitstop', pitstop, { cwd: folder, env })),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function watched(lab: Lab, names: readonly string[], work: () => Promise<Measured>): Promise<JobMeasured> {
  await using user = new OutsideClient(new Map(names.map((n) => [n, `http://${lab.host(n).address}:8080/health`])))
  const measured = await work()
  const outagesOf = (name: string) =>
    user
      .outages()
      .filter((outage) => outage.host === name)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? user.nowMs }))
  const downMs = names.map((name) => outagesOf(name).reduce((sum, o) => sum + o.toMs - o.fromMs, 0))
  const outMs = names.map((name) => (outagesOf(name).at(-1)?.toMs ?? 0) - (outagesOf(name)[0]?.fromMs ?? 0))
  return { ...measured, downMs, outMs }
}

/** One connection for all commands of a host, as whoever measures his script would set it up. */
function sshConfig(folder: string, lab: Lab, names: readonly string[]): string {
  const path = join(folder, 'ssh_config')
  const hosts = names.map((name) => `Host ${name}\n  HostName ${lab.host(name).address}`)
  const all = [
    'Host *',
    '  User maint',
    `  IdentityFile ${lab.privateKeyFile}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${lab.knownHostsFile}`,
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '  ConnectTimeout 2',
    '  ControlMaster auto',
    `  ControlPath ${folder}/%C`,
    '  ControlPersist 60',
  ]
  writeFileSync(path, `${[...hosts, ...all].join('\n')}\n`)
  return path
}

function pitstopArguments(folder: string, lab: Lab, names: readonly string[]): string[] {
  const stages = {
    prepare: { backup: [{ archive: { paths: ['/etc'], to: '/var/backups/pitstop' } }] },
    // The machine that boots three hosts, builds and tests is busy: what it measures of them is no reason to stop.
    monitor: { sample: '0s', limits: { load_per_core: false } },
    drain: { services: ['demo-web'], connections: { for: '0s' } },
    update: { reboot_stable: '0s', reboot_timeout: '60s' },
    verify: {
      checks: [{ http: { url: 'http://localhost:8080/health' } }],
      retry: { for: '30s', every: '0s', passes: 1 },
    },
    golive: { watch: '0s' },
  }
  const file = {
    version: 1,
    ssh: { user: 'maint' },
    hosts: Object.fromEntries(names.map((name) => [name, { address: lab.host(name).address }])),
    // Users lose one host at a time; what nobody notices (backup, download, a look) is done on all of them first.
    rollout: { canary: 0, batch: 3, max_unavailable: 1, soak: '0s' },
    stages,
  }
  writeFileSync(join(folder, 'maintenance.yml'), stringify(file))
  const logins = ['--identity', lab.privateKeyFile, '--known-hosts-file', lab.knownHostsFile]
  return ['run', ...logins, '--report-dir', 'report']
}
