import { XMLParser } from 'fast-xml-parser'
import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { siteFiles } from '../../../src/site/files'
import { SCRIPT } from '../../../src/site/script'
import { parseState, type SiteState } from '../../../src/site/state'
import { bare } from './bare'
import { begun, ended, fileOf, runEnded, runOf, SCENES, stateAfter, through } from './scenes'

const fileAt = (files: ReadonlyMap<string, string>, name: string) => files.get(name) ?? ''

const everyPage = (state: SiteState, language: 'en' | 'id' = 'en') =>
  [...siteFiles(state, language)].filter(([name]) => name.endsWith('.html'))

describe.each(Object.entries(SCENES))('the site of %s', (name, scene) => {
  const state = scene(fileOf())
  const files = siteFiles(state, 'en')

  test('is as reviewed', async () => {
    const folder = `../../cases/site/${name}`
    await expect(bare(fileAt(files, 'index.html'))).toMatchFileSnapshot(`${folder}/index.html`)
    await expect(fileAt(files, 'feed.atom')).toMatchFileSnapshot(`${folder}/feed.atom`)
    await expect(fileAt(files, 'maintenance.ics').replaceAll('\r\n', '\n')).toMatchFileSnapshot(
      `${folder}/maintenance.ics`,
    )
    await expect(fileAt(files, 'status.json')).toMatchFileSnapshot(`${folder}/status.json`)
  })

  test('can be read by the next run', () => {
    expect(parseState(fileAt(files, 'status.json'))).toEqual({ ok: true, state })
  })

  test('has a feed and a calendar that other programs read', () => {
    const { feed } = new XMLParser({ ignoreAttributes: false }).parse(fileAt(files, 'feed.atom'), true)
    const entries = [feed.entry].flat()
    const events = new ICAL.Component(ICAL.parse(fileAt(files, 'maintenance.ics'))).getAllSubcomponents('vevent')
    expect(feed).toMatchObject({ title: 'Weekly maintenance', updated: state.updatedAt })
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length)
    expect(events.map((event) => new ICAL.Event(event).summary)).toEqual(entries.map((entry) => entry.title))
    for (const event of events) {
      const { startDate, endDate } = new ICAL.Event(event)
      expect(endDate.toJSDate().getTime()).toBeGreaterThanOrEqual(startDate.toJSDate().getTime())
    }
  })

  test('says the same in Indonesian, with no English left', () => {
    const page = fileAt(siteFiles(state, 'id'), 'index.html')
    expect(page).toContain('<html lang="id"')
    expect(page).not.toMatch(/Operational|Verifying|servers|Planned|Started|verified|Updated|All times/)
  })
})

test('no event of the calendar ends when it begins: without an end it has none (RFC 5545)', () => {
  const running = runOf('run-2', [begun('web-1'), ...through('web-1', 'update', { open: true })], 7)
  const first = stateAfter(fileOf(), running)
  const atOnce = { ...first, updatedAt: first.maintenances[0]?.active[0]?.startedAt ?? '' }
  const dead = stateAfter(
    fileOf(),
    running,
    runOf('run-3', [begun('web-1'), ...through('web-1', 'update', { open: true })]),
  )
  expect(dead.history.map(({ verdict, endedAt }) => [verdict, endedAt])).toEqual([['interrupted', null]])
  for (const state of [...Object.values(SCENES).map((scene) => scene(fileOf())), atOnce, dead]) {
    for (const event of fileAt(siteFiles(state, 'en'), 'maintenance.ics').split('BEGIN:VEVENT').slice(1)) {
      const [start, end] = [/DTSTART:(\S+)/.exec(event)?.[1], /DTEND:(\S+)/.exec(event)?.[1]]
      expect(end === undefined || end > (start ?? ''), event).toBe(true)
    }
  }
})

const ADDRESS_OR_TEXT = /192\.0\.2|internal|a sentence|expected|ops@example/

test('H11: no address, host text or check detail is on a page or in a feed, however much is disclosed', () => {
  for (const disclose of ['full', 'counts', 'none', 'auto']) {
    for (const scene of Object.values(SCENES)) {
      const all = [...siteFiles(scene(fileOf(`announce: { disclose: ${disclose} }\n`)), 'en').values()].join('')
      expect(all).not.toMatch(ADDRESS_OR_TEXT)
    }
  }
})

test.each([
  ['full', true, true, true],
  ['counts', false, true, true],
  ['auto', false, true, true],
  ['none', false, false, false],
] as const)('H11: disclose %s shows names of hosts: %s, counts: %s, groups: %s', (disclose, names, counts, groups) => {
  const held = SCENES['one-held']?.(fileOf(`announce: { disclose: ${disclose} }\n`))
  if (held === undefined) throw new Error('no such scene')
  const all = [...siteFiles(held, 'en').values()].join('')
  expect(/web-1/.test(all)).toBe(names)
  expect(/3 servers|1 kept back/.test(all)).toBe(counts)
  expect(/database/.test(all)).toBe(groups)
})

const HOSTILE = `</title><script>alert(1)</script>&"'\`; \\,\u202etxt ](javascript:x) ${'ü'.repeat(60)}`

test('H42: text full of markup, controls and directions is shown harmlessly on pages, in feed and calendar', () => {
  const plain = fileOf()
  const file = { ...plain, name: `${HOSTILE}\r\nEND:VCALENDAR\u0007\uffff` }
  const state = SCENES.verifying?.(file)
  if (state === undefined) throw new Error('no such scene')
  const files = siteFiles(state, 'en')
  for (const [, page] of everyPage(state)) {
    expect(page.match(/<script>/g)).toHaveLength(1)
    expect(page).not.toContain('\u202e')
    expect(page).toContain('&lt;script&gt;')
  }
  const { feed } = new XMLParser().parse(fileAt(files, 'feed.atom'), true)
  expect(feed.title).toContain('alert(1)')
  expect(fileAt(files, 'feed.atom')).not.toMatch(/<script|[\u0000-\u0009\u000b-\u001f\u202e\uffff]/)
  const ics = fileAt(files, 'maintenance.ics')
  expect(ics.match(/^END:VCALENDAR\r$/gm)).toHaveLength(1)
  expect(ics).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u202e]|(?<!\r)\n|\r(?!\n)/)
  const [first] = new ICAL.Component(ICAL.parse(ics)).getAllSubcomponents('vevent')
  expect(first && new ICAL.Event(first).summary).toContain('; \\,txt ](javascript:x) üüü')
})

test('H42: each line of the calendar is at most 75 bytes, and no character is cut in two', () => {
  const file = { ...fileOf(), name: 'ü€𝄞'.repeat(60) }
  const state = SCENES['all-live']?.(file)
  if (state === undefined) throw new Error('no such scene')
  const ics = fileAt(siteFiles(state, 'en'), 'maintenance.ics')
  for (const line of ics.split('\r\n')) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(line).not.toContain('\ufffd')
  }
})

test('H42: a page allows nothing but its own style and script, and neither has a place for markup', () => {
  const [, page = ''] = everyPage(SCENES.first?.(fileOf()) ?? stateAfter(fileOf()))[0] ?? []
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'")
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; img-src data:; base-uri 'none'; form-action 'none'$/,
  )
  expect(page).not.toMatch(/ style="| on[a-z]+="|src="/)
  expect(SCRIPT).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(/)
})

test('each page of 1,000 hosts in 200 groups with a long history is under 50 kB', () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `host-${i}`)
  const hosts = names.map((name, i) => `  ${name}: { address: 10.0.0.1, group: a-group-with-a-long-name-${i % 200} }`)
  const file = fileOf('announce: { disclose: full }\n', `version: 1\nhosts:\n${hosts.join('\n')}\n`)
  const facts = (name: string, i: number) => ({
    name,
    address: '10.0.0.1',
    group: `a-group-with-a-long-name-${i % 200}`,
    line: 1,
    wave: 0,
    isolation: 'isolated' as const,
  })
  const begin = begun()
  if (begin[2].type !== 'run.begun') throw new Error('not the beginning')
  const first = [0, null, { ...begin[2], hosts: names.map(facts) }] as const
  const run = (id: string, days: number) =>
    runOf(
      id,
      [
        first,
        ...names.flatMap((name) => [...through(name, 'verify'), ended(400, name, 'held')]),
        runEnded(500, 'held'),
      ],
      days,
    )
  const state = stateAfter(file, run('run-0', 1))
  const long = {
    ...state,
    history: Array.from({ length: 100 }, (_, i) => ({ ...(state.history[0] ?? never()), run: `run-${i}` })),
  }
  for (const [, page] of everyPage(long)) expect(Buffer.byteLength(page)).toBeLessThan(50_000)
  expect(everyPage(long)[0]?.[1]).toContain('and 160 more')
  expect(parseState(JSON.stringify(long)).ok).toBe(true)
})

function never(): never {
  throw new Error('there is no history')
}
