import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InputName, parseInputs } from '../../../src/action/inputs'
import { parseCommandLine } from '../../../src/cli/parse-command-line'
import { loadMaintenanceFile } from '../../../src/config/load'
import { forCsv } from '../../../src/show/for-csv'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pitstop-hazards-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Whose hazards have no test yet, for want of the feature: what is not there is refused, so nobody meets them. */
describe('a feature that is not there is refused, with its hazards', () => {
  it.each(['shard', 'reports'] as const)('H12: a run in shards: the input %s', (name: InputName) => {
    expect(() => parseInputs(new Map([[name, '1/2']]))).toThrow('not available in this version')
  })

  it('H12: a run in shards: the mode finish', () => {
    expect(() => parseInputs(new Map([['mode', 'finish']]))).toThrow('not available in this version')
  })

  it('H14: a reviewed plan of an earlier day: the input plan', () => {
    expect(() => parseInputs(new Map([['plan', 'plan.json']]))).toThrow('not available in this version')
  })

  it.each(['firewall', 'haproxy', 'nginx'])('H35, H45: the traffic driver %s', (driver) => {
    const file = `version: 1\nhosts: { web-1: { address: 192.0.2.1 } }\nstages: { drain: { traffic: [{ ${driver}: {} }] } }\n`
    writeFileSync(join(root, 'maintenance.yml'), file)
    expect(() => loadMaintenanceFile('maintenance.yml', { root })).toThrow(`${driver} is not available in this version`)
  })

  it('H44: evidence of a run: the command evidence', () => {
    expect(() => parseCommandLine(['evidence', 'verify'], {})).toThrow('not available in this version')
  })
})

it.each(['=1+1', '+1', '-1', '@x', '\tx', '\rx'])('H43: %j is no formula in a cell', (text) => {
  expect(forCsv(text)).toBe(`"'${text}"`)
})
