import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadMaintenanceFile } from '../../../src/config/load'
import { isSkipped } from '../../../src/config/zone'
import { selectHosts } from '../../../src/fleet/selection'
import { hostConfig } from '../../fixtures/host-config'

const root = mkdtempSync(join(tmpdir(), 'pitstop-selection-'))
writeFileSync(
  join(root, 'm.yml'),
  `version: 1
hosts:
  web-1: { address: a, group: web }
  web-2: { address: b, group: web, skip: { reason: new disk } }
  db-1: { address: c, group: db }
  lb-1: { address: d, maintain: false }
`,
)
const file = loadMaintenanceFile('m.yml', { root })
afterAll(() => rmSync(root, { recursive: true }))
const names = (choice: string) => selectHosts(file, choice).map((host) => host.name)

describe('the hosts input', () => {
  it('is every target when it is empty, in the order of the file', () => {
    expect(names('')).toEqual(['web-1', 'web-2', 'db-1'])
    expect(names(' \n')).toEqual(['web-1', 'web-2', 'db-1'])
  })

  it('takes names and groups, each host once', () => {
    expect(names('db-1,group:web,web-1')).toEqual(['web-1', 'web-2', 'db-1'])
    expect(names('group:db')).toEqual(['db-1'])
    expect(names('web-1\ndb-1')).toEqual(['web-1', 'db-1'])
  })

  it.each([
    ['web-3', 'no host of the file is called "web-3"; did you mean "web-1"?'],
    ['group:wbe', 'no group of the file is called "wbe"; did you mean "group:web"?'],
    ['db', '"db" is a group, not a host; did you mean "group:db"?'],
    ['lb-1', 'lb-1 is a helper (`maintain: false`) and never a target'],
    [',', 'the choice is empty: no host of the file is chosen'],
    ['group:', 'no group of the file is called ""'],
  ])('refuses %j', (choice, message) => {
    expect(() => names(choice)).toThrow(message)
  })
})

describe('a skip', () => {
  const window = hostConfig().window
  const skip = { until: '2026-12-01', reason: 'new disk' }
  it('holds through its last day, in the zone of the window', () => {
    const jakarta = {
      open: '0 2 * * *',
      durationMs: 1,
      timezone: 'Asia/Jakarta',
      startWithinMs: null,
      cutoffMs: 0,
      freeze: [],
      line: 1,
    }
    expect(isSkipped(skip, window, new Date('2026-12-01T23:59:59Z'))).toBe(true)
    expect(isSkipped(skip, window, new Date('2026-12-02T00:00:00Z'))).toBe(false)
    expect(isSkipped(skip, [jakarta], new Date('2026-12-01T16:59:59Z'))).toBe(true)
    expect(isSkipped(skip, [jakarta], new Date('2026-12-01T17:00:00Z'))).toBe(false)
  })

  it('without a day holds until it is taken out', () => {
    expect(isSkipped({ until: null, reason: 'x' }, window, new Date('2099-01-01'))).toBe(true)
    expect(isSkipped(null, window, new Date())).toBe(false)
  })
})
