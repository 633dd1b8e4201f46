import { describe, expect, test } from 'vitest'
import { isSameState, projectSite } from '../../../src/site/project'
import { parseState, type SiteState } from '../../../src/site/state'
import { allLive, begun, ended, fileOf, runEnded, runOf, SCENES, stateAfter, through } from './scenes'

const file = fileOf()

function stateOf(state: SiteState, component: string) {
  return state.maintenances[0]?.components.find(({ name }) => name === component)?.state
}

const heldRun = runOf(
  'run-1',
  [begun('web-1'), ...through('web-1', 'verify'), ended(400, 'web-1', 'held'), runEnded(410, 'held')],
  7,
)

describe('a component', () => {
  test('that no verification ever confirmed is unknown, not operational', () => {
    expect(stateOf(stateAfter(file, runOf('run-1', [begun('web-1')])), 'web')).toBe('unknown')
  })

  test('that was not verified for more than twice the time between its windows is overdue, also by a run that did nothing', () => {
    const idle = (days: number) => runOf('run-2', [begun(), runEnded(10, 'refused')], -days)
    const component = (days: number) =>
      stateAfter(file, allLive('run-1', 0), idle(days)).maintenances[0]?.components.find(({ name }) => name === 'web')
    expect(component(13)?.overdue).toBeUndefined()
    expect(component(15)?.overdue).toBe(true)
  })

  test('is being verified while its host is in verify or golive, and not operational before the end', () => {
    for (const stage of ['verify', 'golive'] as const) {
      const run = runOf('run-2', [begun('web-1'), ...through('web-1', stage, { open: true })])
      expect(stateOf(stateAfter(file, allLive('run-1', 7), run), 'web')).toBe('verifying')
    }
  })

  test('is not under maintenance while its host is only prepared and measured', () => {
    const run = runOf('run-2', [begun('web-1'), ...through('web-1', 'monitor', { open: true })])
    expect(stateOf(stateAfter(file, allLive('run-1', 7), run), 'web')).toBe('operational')
  })

  test('with a held host needs attention until that host is live, whatever other hosts do', () => {
    const otherHost = runOf('run-2', [
      begun('web-2'),
      ...through('web-2', 'golive'),
      ended(430, 'web-2', 'live'),
      runEnded(440, 'live'),
    ])
    const sameHost = runOf('run-3', [
      begun('web-1'),
      ...through('web-1', 'golive'),
      ended(430, 'web-1', 'live'),
      runEnded(440, 'live'),
    ])
    expect(stateOf(stateAfter(file, heldRun, otherHost), 'web')).toBe('attention')
    expect(stateOf(stateAfter(file, heldRun, otherHost, sameHost), 'web')).toBe('operational')
  })

  test('whose held host is no longer in the file does not wait for it', () => {
    const smaller = fileOf(
      '',
      'version: 1\nname: Weekly maintenance\nhosts: { web-2: { address: 192.0.2.12, group: web } }\n',
    )
    const stored = stateAfter(file, heldRun)
    const record = runOf('run-2', [
      begun('web-2'),
      ...through('web-2', 'golive'),
      ended(430, 'web-2', 'live'),
      runEnded(440, 'live'),
    ])
    expect(stateOf(projectSite({ file: smaller, record, stored, now: new Date() }), 'web')).toBe('operational')
  })

  test('keeps what was known of a host that was left untouched, and is unknown where a host did not answer', () => {
    const left = runOf('run-2', [begun('web-1'), ended(5, 'web-1', 'untouched'), runEnded(6, 'partial')])
    const lost = runOf('run-2', [begun('web-1'), ended(5, 'web-1', 'unreachable'), runEnded(6, 'partial')])
    expect(stateOf(stateAfter(file, allLive('run-1', 7), left), 'web')).toBe('operational')
    expect(stateOf(stateAfter(file, allLive('run-1', 7), lost), 'web')).toBe('unknown')
  })

  test('whose host got lost after admission needs attention, and so does one that a run ended without a word on', () => {
    const lost = runOf('run-2', [
      begun('web-1'),
      ...through('web-1', 'update'),
      ended(300, 'web-1', 'unreachable'),
      runEnded(310, 'failed'),
    ])
    const silent = runOf('run-2', [begun('web-1'), ...through('web-1', 'update'), runEnded(310, 'failed')])
    expect(stateOf(stateAfter(file, allLive('run-1', 7), lost), 'web')).toBe('attention')
    expect(stateOf(stateAfter(file, allLive('run-1', 7), silent), 'web')).toBe('attention')
  })
})

describe('a run', () => {
  test('projected twice gives the same, also over its own page', () => {
    const record = allLive('run-1')
    const now = new Date('2026-11-22T04:00:00Z')
    const once = projectSite({ file, record, stored: null, now })
    expect(isSameState(once, projectSite({ file, record, stored: once, now: new Date('2026-11-22T04:10:00Z') }))).toBe(
      true,
    )
  })

  test('that was refused leaves no trace in the history', () => {
    expect(SCENES.refused?.(file).history.map(({ run }) => run)).toEqual(['run-2', 'run-1'])
  })

  test('has its real start and the time its last host was verified; a held one was not verified', () => {
    const [live] = stateAfter(file, allLive('run-1')).history
    expect(live).toMatchObject({ startedAt: '2026-11-22T02:00:00.000Z', verifiedAt: '2026-11-22T02:40:30.000Z' })
    expect(stateAfter(file, heldRun).history[0]).toMatchObject({ verdict: 'held', verifiedAt: null })
  })

  test('that stopped telling about itself is ended without word, and nothing it left is called well', () => {
    const dead = stateAfter(
      file,
      allLive('run-1', 14),
      runOf('run-2', [begun('web-1'), ...through('web-1', 'update', { open: true })], 7),
    )
    const record = runOf('run-3', [
      begun('mail-1'),
      ...through('mail-1', 'golive'),
      ended(430, 'mail-1', 'live'),
      runEnded(440, 'live'),
    ])
    const state = projectSite({ file, record, stored: dead, now: new Date(record.lastAt ?? '') })
    expect(state.history.map(({ run, verdict }) => `${run} ${verdict}`)).toEqual([
      'run-3 live',
      'run-2 interrupted',
      'run-1 live',
    ])
    expect(state.maintenances[0]?.active).toEqual([])
    expect(stateOf(state, 'web')).toBe('unknown')
  })

  test('beside another of the same file leaves that one its place', () => {
    const other = stateAfter(
      file,
      allLive('run-1', 7),
      runOf('run-2', [begun('web-1'), ...through('web-1', 'update', { open: true })]),
    )
    const record = runOf('run-3', [begun('mail-1'), ...through('mail-1', 'drain', { open: true })])
    const state = projectSite({ file, record, stored: other, now: new Date(record.lastAt ?? '') })
    expect(state.maintenances[0]?.active.map(({ run }) => run)).toEqual(['run-2', 'run-3'])
    expect([stateOf(state, 'web'), stateOf(state, 'mail')]).toEqual(['maintenance', 'maintenance'])
  })

  test('of another file on the same page leaves that file its components', () => {
    const second = { ...fileOf(), file: 'other.yml', name: 'Databases' }
    const stored = stateAfter(file, allLive('run-1', 7))
    const state = projectSite({ file: second, record: allLive('run-2'), stored, now: new Date() })
    expect(state.maintenances.map(({ title }) => title)).toEqual(['Databases', 'Weekly maintenance'])
    expect(state.history.map(({ title }) => title)).toEqual(['Databases', 'Weekly maintenance'])
  })
})

describe('planned maintenance', () => {
  const upcoming = (of: typeof file) => stateAfter(of, allLive('run-1')).maintenances[0]?.upcoming ?? []

  test('leaves out days of a freeze, and tells hosts with a window of their own apart', () => {
    expect(upcoming(file).map(({ from, components }) => `${from.slice(0, 16)} ${components}`)).toEqual([
      '2026-11-29T02:00 web,mail',
      '2026-12-06T02:00 web,mail',
      '2026-12-06T03:00 database',
      '2026-12-13T02:00 web,mail',
      '2027-01-10T02:00 web,mail',
    ])
  })

  test('leaves out hosts under skip as long as that holds', () => {
    const skipping = fileOf(
      '',
      'version: 1\nwindow: { open: "0 2 * * sun", duration: 1h, timezone: UTC }\nhosts: { web-1: { address: 192.0.2.11, group: web, skip: { until: 2026-12-06, reason: disk } } }\n',
    )
    expect(upcoming(skipping)[0]?.from).toBe('2026-12-13T02:00:00.000Z')
  })

  test('is nothing where no window is declared', () => {
    expect(upcoming(fileOf('', 'version: 1\nhosts: { web-1: { address: 192.0.2.11 } }\n'))).toEqual([])
  })

  test('keeps the time it was announced', () => {
    const first = stateAfter(file, allLive('run-1', 7))
    const later = projectSite({
      file,
      record: allLive('run-2', 6),
      stored: first,
      now: new Date('2026-11-16T05:00:00Z'),
    })
    expect(later.maintenances[0]?.upcoming[1]?.announcedAt).toBe(first.maintenances[0]?.upcoming[1]?.announcedAt)
  })
})

describe('while a step takes long', () => {
  const record = runOf('run-1', [begun('web-1'), ...through('web-1', 'update', { open: true })])
  const at = (minutes: number, stored: SiteState | null = null) =>
    projectSite({
      file,
      record,
      stored,
      now: new Date(Date.parse(record.lastAt ?? '') + minutes * 60_000),
    })

  test('the page has a word of its run every five minutes, and not more often', () => {
    const first = at(0)
    expect(isSameState(first, at(4, first))).toBe(true)
    expect(isSameState(first, at(5, first))).toBe(false)
  })

  test('the last word is the time at which the runner was alive, not that of the last event', () => {
    expect(at(30).maintenances[0]?.active[0]?.seenAt).toBe(at(30).updatedAt)
  })
})

test('a status.json of a later version is told apart from one that cannot be read', () => {
  expect(parseState('{"version":2,"x":1}')).toEqual({ ok: false, why: 'newer' })
  for (const text of [
    '',
    'null',
    '[]',
    '{"version":1}',
    '{"version":1,"updatedAt":"</script>","maintenances":[],"history":[]}',
  ])
    expect(parseState(text)).toEqual({ ok: false, why: 'unreadable' })
})
