import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMaintenanceFile } from '../src/config/load'
import type { HostConfig, MaintenanceFile } from '../src/config/schema'
import { systemClock } from '../src/engine/clock'
import { Journal } from '../src/journal/journal'
import { nextDueOf } from '../src/modes/host-window'
import { planMode } from '../src/modes/plan-mode'
import type { RunContext } from '../src/modes/run-context'
import { planView } from '../src/report/plan-view'
import { Redactor } from '../src/show/redact'

const HOSTS = 10_000
const STAGES =
  'window: { open: "0 2 * * sun", duration: 3h, timezone: Asia/Jakarta }\n' +
  'stages: { verify: { checks: [{ http: { url: "http://{host}:8080/health" } }] } }\n'

/** As for a pull request: what can be said without asking a host. Nothing is written. */
async function plan(file: MaintenanceFile): Promise<void> {
  const clock = systemClock
  const journal = new Journal({ path: null, run: 'bench', clock, redactor: new Redactor([]) })
  const selected = [...file.hosts.values()]
  const io = { clock, nextDue: (host: HostConfig) => nextDueOf(host, clock.now()) } as RunContext['io']
  const nobody = { inputs: {} } as Pick<RunContext, 'inputs' | 'machines'>
  const made = await planMode({
    ...nobody,
    file,
    selected,
    contact: 'none',
    closedTo: () => null,
    noSecret: () => null,
    ticks: [],
    event: 'pull_request',
    journal,
    io,
  })
  if (made.plan.hosts.length !== HOSTS) throw new Error(`${made.plan.hosts.length} hosts were planned, not ${HOSTS}`)
  planView(file, { plan: made.plan, hash: '' }, { change: null, disclose: 'full' })
}

/** Prints how long a fleet takes to load and to plan, best of three: written out, and from inventories of both kinds. */
async function measure(title: string, files: Readonly<Record<string, string>>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-bench-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, { mode: 0o644 })
    const times: { load: number; both: number }[] = []
    for (let i = 0; i < 3; i++) {
      const begin = performance.now()
      const file = loadMaintenanceFile('maintenance.yml', { root })
      if (file.hosts.size !== HOSTS) throw new Error(`${file.hosts.size} hosts were loaded, not ${HOSTS}`)
      const load = performance.now() - begin
      await plan(file)
      times.push({ load, both: performance.now() - begin })
    }
    const best = times.sort((a, b) => a.both - b.both)[0] ?? { load: 0, both: 0 }
    const said = `loaded in ${Math.round(best.load)} ms, loaded and planned in ${Math.round(best.both)} ms`
    process.stdout.write(`${title}: ${HOSTS} hosts ${said}\n`)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const numbers = Array.from({ length: HOSTS }, (_, i) => i)
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

async function main(): Promise<void> {
  await measure('hosts', {
    'maintenance.yml': `version: 1\n${STAGES}hosts:\n${numbers.map((i) => `  h${i}: { address: ${address(i)}, group: g${i % 50} }`).join('\n')}\n`,
  })
  await measure('ansible INI', {
    'maintenance.yml': `version: 1\n${STAGES}inventory: { ansible: hosts.ini }\n`,
    'hosts.ini': `[web]\n${numbers.map((i) => `h${i} ansible_host=${address(i)}`).join('\n')}\n`,
  })
  await measure('ansible-inventory --list', {
    'maintenance.yml': `version: 1\n${STAGES}inventory: { json: hosts.json }\n`,
    'hosts.json': JSON.stringify({
      _meta: { hostvars: Object.fromEntries(numbers.map((i) => [`h${i}`, { ansible_host: address(i) }])) },
      web: { hosts: numbers.map((i) => `h${i}`) },
    }),
  })
}

void main()
