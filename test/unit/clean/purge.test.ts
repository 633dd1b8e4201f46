import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { aptPurgeExactly } from '../../../src/clean/apt-purge'
import { orphans } from '../../../src/clean/orphans'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purge-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An apt-get that prints `plan` when it simulates, and notes what it is told to do. */
function purge(plan: string, simulationExit = 0) {
  const program = `#!/bin/sh\ncase " $* " in *" -s "*) cat '${folder}/plan'; exit ${simulationExit} ;; esac\necho "$*" >>'${folder}/done'\n`
  writeFileSync(join(folder, 'plan'), plan)
  writeFileSync(join(folder, 'apt-get'), program)
  chmodSync(join(folder, 'apt-get'), 0o755)
  writeFileSync(join(folder, 'done'), '')
  const text = `( ${aptPurgeExactly(['linux-image-1', 'linux-headers-1'], 60_000).text} )`
  const { status, stderr } = spawnSync('dash', ['-c', text], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    encoding: 'utf8',
  })
  return { status, stderr, done: readFileSync(join(folder, 'done'), 'utf8') }
}

it('removes exactly the packages it was told to', () => {
  const { status, done } = purge('Purg linux-image-1 [1.0]\nPurg linux-headers-1 [1.0]\n')
  expect(status).toBe(0)
  expect(done).toMatch(/DPkg::Lock::Timeout=60 .*purge linux-image-1 linux-headers-1\n$/)
})

it.each([
  ['another package would go', 'Purg linux-image-1 [1.0]\nRemv linux-image-amd64 [1.0]\n', 0],
  ['something would be installed', 'Purg linux-image-1 [1.0]\nInst linux-image-2 (2.0 Debian)\n', 0],
  ['the simulation fails', 'Purg linux-image-1 [1.0]\n', 100],
])('removes nothing when %s', (_, plan, exit) => {
  expect(purge(plan, exit)).toMatchObject({ status: 1, done: '' })
})

const TABLE = '== packages\nlibold no no optional\nbash yes no required\ninit no yes important\nzlib no no required\n'

it('reads what autoremove would take, and what of it is vital', () => {
  const out = (names: string[]) =>
    `Reading package lists...\n${names.map((name) => `Remv ${name} [1.0]\n`).join('')}${TABLE}`
  expect(orphans.parse(out(['libold']), 0)).toEqual({ ok: true, value: { names: ['libold'], vital: [] } })
  expect(orphans.parse(out(['libold', 'bash', 'init', 'zlib', 'not-listed']), 0)).toMatchObject({
    value: { vital: ['bash', 'init', 'zlib', 'not-listed'] },
  })
})

it('orphans are unknown when the simulation failed, is cut, or would install something', () => {
  expect(orphans.parse(`Remv libold [1.0]\n${TABLE}`, 2).ok).toBe(false)
  expect(orphans.parse('Remv libold [1.0]\n', 0).ok).toBe(false)
  expect(orphans.parse(`Inst new (1.0)\n${TABLE}`, 0).ok).toBe(false)
})
