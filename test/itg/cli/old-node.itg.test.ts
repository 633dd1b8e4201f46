import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { OLDEST_NODE } from '../../../scripts/node-guard'
import { npmNode } from '../../runner/npm-node'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'old-node-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Start {
  readonly node?: string
  /** Said by process.version in place of the truth. */
  readonly version?: string
}

function start(entry: string, args: readonly string[], { node = process.execPath, version }: Start) {
  const fake = join(folder, `version-${version}.js`)
  if (version !== undefined)
    writeFileSync(fake, `Object.defineProperty(process, 'version', { value: ${JSON.stringify(version)} })`)
  const preload = version === undefined ? [] : ['--require', fake]
  return spawnSync(node, [...preload, join(inject('bundle'), `${entry}.js`), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    encoding: 'utf8',
    timeout: 60_000,
  })
}

const ENTRIES = [
  ['cli', ['run']],
  ['cli', ['demo']],
  ['cli', ['--help']],
  ['index', []],
  ['post', []],
] as const

describe('an older Node is told so in one line, with exit code 2', () => {
  test.each(ENTRIES)('a version that is too old: %s %j', (entry, args) => {
    const { status, stdout, stderr } = start(entry, args, { version: `v${OLDEST_NODE - 1}.9.9` })
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(`needs Node ${OLDEST_NODE} or later; this is Node ${OLDEST_NODE - 1}.9.9`)
    expect([status, stdout]).toEqual([2, ''])
  })

  test.each(ENTRIES)('Node 18 itself, as in Debian 12: %s %j', (entry, args) => {
    const { status, stdout, stderr } = start(entry, args, { node: npmNode('18.20.8') })
    expect(stderr).toMatch(/^Pitstop needs Node 20 or later; this is Node 18\.20\.8 .*\n$/)
    expect([status, stdout]).toEqual([2, ''])
  })
})

test.each([`v${OLDEST_NODE}.0.0`, 'v100.1.0'])(
  'the oldest Node of package.json and later ones are let through: %s',
  (version) => {
    const { status, stdout } = start('cli', ['--help'], { version })
    expect(status).toBe(0)
    expect(stdout).toContain('plan')
  },
)
