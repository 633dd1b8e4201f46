import { describe, expect, it } from 'vitest'
import { diskFull, powerCut } from '../../faults/faults-of-host'
import { partition } from '../../faults/faults-of-network'
import { judge } from '../../faults/judge'
import { answered, begun, ended, hookDone, journal, record, runEnded, serving, witness } from './record'

const promises = (r: Parameters<typeof judge>[0]) => judge(r).map((one) => one.promise)
const CHANGED = witness('10 b r1 hook.clean', '12 b r1 smoke', '13 b r1 smoke')

describe('what the campaign calls broken', () => {
  it('says nothing of a host that serves and was left alone', () => {
    expect(judge(record())).toEqual([])
  })

  it('sees a request that a changed host answers before its checks have passed twice', () => {
    const through = (at: number) => ({ through: [answered(at, 'web-1')], direct: new Map(), balancer: [] })
    expect(promises(record({ look: { witness: CHANGED }, seen: through(12.5) }))).toEqual(['traffic'])
    expect(promises(record({ look: { witness: CHANGED }, seen: through(13.1) }))).toEqual([])
    expect(promises(record({ look: { witness: CHANGED }, seen: through(9) }))).toEqual([])
  })

  it('starts to count again after a boot, and never stops where nothing passes', () => {
    const booted = witness('10 b r1 hook.clean', '12 b r1 smoke', '13 c - boot', '14 c r1 smoke')
    const seen = { through: [answered(20, 'web-1', '503 broken')], direct: new Map(), balancer: [] }
    const held = record({ look: { witness: booted, isOut: true }, second: ended('held'), seen })
    expect(promises(held)).toEqual(['traffic'])
  })

  it('lets a stopped host be seen from verify on, and not before', () => {
    const lines = witness('10 b r1 hook.clean', '15 b r1 hook.verify', '16 b r1 smoke', '17 b r1 smoke')
    const direct = (at: number) => ({
      through: [],
      direct: new Map([['web-1' as const, [answered(at, 'web-1')]]]),
      balancer: [],
    })
    const stopped = (at: number) =>
      record({ variant: 'stopped', look: { witness: lines, isOut: null }, seen: direct(at) })
    expect(promises(stopped(12))).toEqual(['traffic'])
    expect(promises(stopped(15.5))).toEqual([])
  })

  it('sees two hosts out at once, and one that is taken out while the other does not serve', () => {
    const balancer = [{ at: 5, out: ['web-1', 'web-2'] as const }]
    expect(promises(record({ seen: { through: [], direct: new Map(), balancer } }))).toEqual(['budget'])
    const refused = (at: number) => ({ ...answered(at, null), text: 'ECONNREFUSED' })
    const direct = new Map([
      ['web-1' as const, [refused(4), refused(5)]],
      ['web-2' as const, [answered(4, 'web-2'), refused(6)]],
    ])
    expect(promises(record({ seen: { through: [], direct, balancer: [] } }))).toEqual(['budget'])
    // Late is not out.
    const late = new Map([...direct, ['web-2' as const, [{ ...answered(6, null), text: 'TIMEOUT' }]]])
    expect(promises(record({ seen: { through: [], direct: late, balancer: [] } }))).toEqual([])
  })

  it.each([
    ['live', { isOut: true }],
    ['live', { answer: '503' }],
    ['live', { unit: 'inactive' }],
    ['live', { holds: ['/etc/systemd/system/demo-web.service.d/90-pitstop.conf'] }],
    ['live', { undos: 1 }],
    ['held', { isOut: false }],
    ['untouched', { packages: ['demo-web=2.0=installed'] }],
    ['untouched', { isOut: true }],
    ['unreachable', {}],
  ])('sees that %s is not true of a host with %j', (verdict, look) => {
    expect(promises(record({ second: ended(verdict), look }))).toContain('verdict')
  })

  it('takes the word of a run that could not reach what the fault took away', () => {
    const away = { first: ended('unreachable'), afterFirst: new Map([['web-1' as const, serving]]) }
    expect(promises(record({ ...away, fault: partition, point: 'touched' }))).toEqual([])
    expect(promises(record({ ...away, fault: diskFull, point: 'touched' }))).toEqual(['verdict'])
  })

  it('accepts half configured packages of a held host only where dpkg itself was cut', () => {
    const half = { packages: ['demo-web=2.0=unpacked'], audit: 'demo-web', isOut: true }
    expect(promises(record({ look: half, second: ended('held'), fault: powerCut, point: 'touched' }))).toEqual([])
    expect(promises(record({ look: half, second: ended('held'), fault: partition, point: 'touched' }))).toEqual([
      'packages',
    ])
    const full = (at: number) => ({ ...half, witness: witness(`${at} b - disk.full`, '9 b r1 hook.update') })
    const filled = (at: number) => record({ look: full(at), second: ended('held'), fault: diskFull, point: 'touched' })
    expect(promises(filled(10))).toEqual([])
    // The disk was full before the update began: it must not have begun.
    expect(promises(filled(5))).toEqual(['packages'])
    expect(promises(record({ look: half, second: ended('held'), fault: diskFull, point: 'touched' }))).toEqual([
      'packages',
    ])
  })

  it('sees a journal that ends without its end, a hook that never ran, and a state that nobody settled', () => {
    const cut = { ...ended('live'), journal: journal(begun, { type: 'admitted', on: 'web-1' }) }
    expect(promises(record({ first: cut }))).toEqual(['events'])
    const claimed = journal(begun, hookDone, runEnded)
    expect(promises(record({ first: { ...ended('live'), journal: claimed } }))).toEqual(['events'])
    const ran = { witness: witness('1 b r1 hook.drain') }
    expect(promises(record({ first: { ...ended('live'), journal: claimed }, look: ran }))).toEqual([])
    const state = new Map([...serving.state, ['phase', 'update']])
    expect(promises(record({ look: { state, isOut: true }, second: ended('held') }))).toEqual(['events'])
  })

  it('sees what ran twice: a hook in one run, an application in both, an upgrade, a boot', () => {
    const twice = witness('1 b r1 hook.drain', '2 b r1 hook.drain')
    expect(promises(record({ look: { witness: twice } }))).toEqual(['once'])
    const again = witness('1 b r1 app', '2 b r2 app', '3 b r2 smoke', '4 b r2 smoke')
    expect(promises(record({ look: { witness: again } }))).toEqual(['once'])
    expect(promises(record({ look: { upgrades: 2 } }))).toEqual(['once'])
    const boots = witness('1 a - boot', '2 b - boot', '3 c - boot')
    expect(promises(record({ look: { witness: boots } }))).toEqual(['once'])
    expect(promises(record({ look: { witness: boots }, fault: powerCut, point: 'touched' }))).toEqual([])
  })

  it('sees a run that does not end, and one that leaves no report', () => {
    expect(promises(record({ first: { ...ended('live'), isOvertime: true } }))).toEqual(['end'])
    expect(promises(record({ first: { ...ended('live'), report: null } }))).toEqual(['end'])
  })
})
