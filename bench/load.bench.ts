import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMaintenanceFile } from '../src/config/load'

const HOSTS = 10_000
const STAGES = 'stages: { verify: { checks: [{ http: { url: "http://{host}:8080/health" } }] } }\n'

/** Prints how long a fleet takes to load, best of three: written out, and from inventories of both kinds. */
function measure(title: string, files: Readonly<Record<string, string>>): void {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-bench-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, { mode: 0o644 })
    const runs = [1, 2, 3].map(() => {
      const begin = performance.now()
      const { hosts } = loadMaintenanceFile('maintenance.yml', { root })
      if (hosts.size !== HOSTS) throw new Error(`${hosts.size} hosts were loaded, not ${HOSTS}`)
      return performance.now() - begin
    })
    process.stdout.write(`${title}: ${HOSTS} hosts in ${Math.round(Math.min(...runs))} ms\n`)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const numbers = Array.from({ length: HOSTS }, (_, i) => i)
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

measure('hosts', {
  'maintenance.yml': `version: 1\n${STAGES}hosts:\n${numbers.map((i) => `  h${i}: { address: ${address(i)}, group: g${i % 50} }`).join('\n')}\n`,
})
measure('ansible INI', {
  'maintenance.yml': `version: 1\n${STAGES}inventory: { ansible: hosts.ini }\n`,
  'hosts.ini': `[web]\n${numbers.map((i) => `h${i} ansible_host=${address(i)}`).join('\n')}\n`,
})
measure('ansible-inventory --list', {
  'maintenance.yml': `version: 1\n${STAGES}inventory: { json: hosts.json }\n`,
  'hosts.json': JSON.stringify({
    _meta: { hostvars: Object.fromEntries(numbers.map((i) => [`h${i}`, { ansible_host: address(i) }])) },
    web: { hosts: numbers.map((i) => `h${i}`) },
  }),
})
