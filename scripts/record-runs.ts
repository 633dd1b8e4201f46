import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { stringify } from 'yaml'
import type { Event } from '../src/journal/event'
import { type Lab, startLab } from '../test/lab/lab'
import { runCommand } from '../test/lab/run-command'

/** Runs of the real engine on real hosts, whose events the golden files of summary and pages are made from. */
const FOLDER = 'test/cases/recorded'
const HOSTS = ['web-1', 'web-2', 'web-3'] as const
const OUT = '/var/lib/users-out'
const TRAFFIC = { drain: `touch ${OUT}`, undrain: `rm -f ${OUT}`, state: `test -e ${OUT} && echo out || echo in` }

interface Recording {
  readonly name: string
  readonly offer: Parameters<Lab['hosts'][number]['offer']>[0]
  readonly over?: Readonly<Record<string, unknown>>
}

const RECORDINGS: readonly Recording[] = [
  {
    name: 'all-live',
    offer: { main: ['demo-web=2.0', 'demo-reboot=2.0', 'demo-conf=2.0'], security: ['pitstop-demo=2.0'] },
  },
  { name: 'one-held', offer: { main: ['demo-web=3.0', 'demo-conf=2.0'] } },
  { name: 'rolled-back', offer: { main: ['demo-web=3.0'] }, over: { rollout: { on_failure: 'rollback' } } },
  {
    name: 'refused',
    offer: { main: ['demo-web=2.0'] },
    // Half a day from now, whenever this is recorded.
    over: { window: { open: `0 ${(new Date().getUTCHours() + 12) % 24} * * *`, duration: '1h', timezone: 'UTC' } },
  },
]

function fileText(lab: Lab, over: Readonly<Record<string, unknown>> = {}): string {
  const hosts = Object.fromEntries(HOSTS.map((name) => [name, { address: lab.host(name).address, group: 'web' }]))
  return stringify({
    version: 1,
    name: 'Weekly maintenance',
    owner: 'ops@example.com',
    ssh: { user: 'maint' },
    hosts,
    rollout: { canary_soak: '0s', soak: '0s' },
    stages: {
      prepare: { backup: [{ archive: { paths: ['/etc/nginx'], to: '/var/backups/pitstop' } }] },
      monitor: { sample: '0s', limits: { load_per_core: false } },
      drain: { traffic: [{ command: TRAFFIC }], services: ['demo-web'], connections: { for: '1s' } },
      update: { reboot_stable: '1s', reboot_timeout: '60s' },
      verify: {
        checks: [{ http: { url: 'http://localhost:8080/health', contains: 'ok' } }],
        retry: { for: '6s', every: '1s', passes: 2 },
      },
      golive: { watch: '2s' },
    },
    ...over,
  })
}

async function record(lab: Lab, { name, offer, over }: Recording, cli: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'record-'))
  try {
    for (const host of lab.hosts) host.offer(offer)
    writeFileSync(join(folder, 'maintenance.yml'), fileText(lab, over))
    const logins = ['--identity', lab.privateKeyFile, '--known-hosts-file', lab.knownHostsFile]
    const script = 'cd "$1" && shift && exec "$@"'
    const end = await runCommand('sh', ['-c', script, 'sh', folder, process.execPath, cli, 'run', ...logins])
    console.log(`${name}: exit code ${end.exitCode}`)
    const journal = readFileSync(join(folder, 'pitstop-report/journal.jsonl'), 'utf8')
    const events = journal.split('\n').flatMap((line) => (line === '' ? [] : [plainEvent(lab, JSON.parse(line))]))
    writeFileSync(join(FOLDER, `${name}.jsonl`), `${events.map((event) => JSON.stringify(event)).join('\n')}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Without what is of this machine: addresses of the lab, who recorded, facts that nobody shows. */
function plainEvent(lab: Lab, event: Event): Event {
  const text = lab.hosts.reduce(
    (all, host, i) => all.replaceAll(host.address, `192.0.2.${11 + i}`),
    JSON.stringify(event.type === 'facts' ? { ...event, facts: {} } : event),
  )
  const network = lab.runnerAddress.replace(/\d+$/, '')
  const plain: Event = JSON.parse(
    text.replaceAll(new RegExp(`${network.replaceAll('.', '\\.')}\\d+`, 'g'), '192.0.2.1'),
  )
  if (plain.type !== 'run.begun') return plain
  return { ...plain, about: { ...plain.about, actor: 'octocat', url: 'https://github.com/acme/ops/actions/runs/1' } }
}

async function main(): Promise<void> {
  const bundle = mkdtempSync(join(tmpdir(), 'record-bundle-'))
  const cli = join(bundle, 'cli.js')
  try {
    await build({
      entryPoints: ['src/cli.ts'],
      outfile: cli,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['*.node', 'cpu-features'],
      logLevel: 'error',
    })
    for (const recording of RECORDINGS) {
      await using lab = await startLab(HOSTS)
      await record(lab, recording, cli)
    }
  } finally {
    rmSync(bundle, { recursive: true })
  }
}

void main()
