import { describe, expect, it } from 'vitest'
import { rollout } from '../../../src/config/stages'
import { FailureLimit } from '../../../src/engine/failure-limit'
import { ended } from '../../../src/engine/host-end'
import { checkedScenes } from '../../fixtures/model/checked-scenes'

const scene = checkedScenes()

describe('max_failures as a share', () => {
  it.each([
    ['25%', 10, 2],
    ['25%', 3, 1],
    ['0%', 10, 0],
    [0, 10, 0],
    [3, 10, 3],
  ])('%s of %i hosts allows %i', (given, hosts, allowed) => {
    const limit = new FailureLimit(rollout.parse({ max_failures: given }).max_failures, hosts, 9)
    for (let i = 1; i <= allowed; i++) limit.note(`web-${i}`, ended('held', 'sick'), true)
    expect(limit.closed).toBeNull()
    limit.note('web-x', ended('rolled-back', 'sick'), true)
    expect(limit.closed).toEqual({
      reason: `web-x is rolled-back, and rollout.max_failures allows ${allowed}`,
      rule: { name: 'rollout.max_failures', value: String(allowed), line: 9 },
    })
  })

  it('counts failures only: neither a live host, nor one that was left as it was or never reached', () => {
    const limit = new FailureLimit(0, 3, null)
    limit.note('web-1', ended('live', ''), true)
    limit.note('web-2', ended('untouched', ''), true)
    limit.note('web-3', ended('unreachable', ''), false)
    expect(limit.closed).toBeNull()
    limit.note('web-4', ended('unreachable', ''), true)
    expect(limit.closed).not.toBeNull()
  })

  it('stops the group after that share of its hosts', async () => {
    const hosts = Array.from({ length: 8 }, (_, i) => `web-${i + 1}`)
    const s = scene({ hosts, rollout: { canary: 0, max_failures: '25%', max_unavailable: 8 } })
    for (const name of ['web-1', 'web-2', 'web-3']) s.host(name).sickBy.add('package')
    const seen = await s.run()
    expect(Object.values(seen.verdicts)).toEqual([...Array(3).fill('held'), ...Array(5).fill('untouched')])
    expect(seen.of('web-4').rule).toMatchObject({ name: 'rollout.max_failures', value: '2' })
  })
})

describe('max_failures of the file', () => {
  const groups = ['a', 'b', 'c'].map((name) => ({
    name,
    hosts: [`${name}-1`, `${name}-2`],
    rollout: { canary: 0, max_failures: 1, max_unavailable: 2 },
  }))

  it('is counted over all groups of the run', async () => {
    const s = scene(groups)
    for (const name of ['a-1', 'b-1']) s.host(name).sickBy.add('package')
    const seen = await s.run({ failures: new FailureLimit(1, 6, 4, ' over the whole run') })
    expect(seen.verdicts).toEqual({
      'a-1': 'held',
      'a-2': 'live',
      'b-1': 'held',
      'b-2': 'untouched',
      'c-1': 'untouched',
      'c-2': 'untouched',
    })
    expect(seen.of('c-1')).toMatchObject({
      reason: 'not admitted: b-1 is held, and rollout.max_failures allows 1 over the whole run',
      rule: { name: 'rollout.max_failures', value: '1', line: 4 },
    })
  })

  it('where it says nothing each group has its own count only', async () => {
    const s = scene(groups)
    for (const name of ['a-1', 'b-1', 'c-1']) s.host(name).sickBy.add('package')
    expect((await s.run()).verdicts).toMatchObject({ 'a-2': 'live', 'b-2': 'live', 'c-2': 'live' })
  })
})
