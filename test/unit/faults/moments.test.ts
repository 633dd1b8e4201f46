import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { MOMENTS, withMoments } from '../../faults/moments'

it('the moments of a step come behind its begin, and are no events', () => {
  const upgrade = 'step.begun update/packages.upgrade'
  const points = ['stage.begun update', upgrade, 'step.ended update/packages.upgrade']
  expect(withMoments(points)).toEqual([
    'stage.begun update',
    upgrade,
    `${upgrade}: dpkg unpacks`,
    `${upgrade}: dpkg configures`,
    'step.ended update/packages.upgrade',
  ])
  expect(withMoments(['stage.begun update'])).toEqual(['stage.begun update'])
})

it.each(MOMENTS)('$name can be asked for', ({ isNow }) => {
  expect(spawnSync('sh', ['-n', '-c', `until ${isNow}; do :; done`]).status).toBe(0)
})
