import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { shareQuestions } from '../../../src/host/share-questions'
import { sh } from '../../../src/shell/sh'

const question = (costMs?: number) => ({ id: 'q', sh: sh`:`, cap: 1, ...(costMs === undefined ? {} : { costMs }) })

it('what takes long is answered by one shell while the other answers the rest', () => {
  const costs = [undefined, undefined, 60, undefined, 20, 30, undefined]
  expect(shareQuestions(costs.map(question), 2)).toEqual([[2], [0, 1, 3, 4, 5, 6]])
})

it('every question is asked once, in its order, and no shell has more left over than its longest', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 })), fc.integer({ min: 1, max: 4 }), (costs, shells) => {
      const shares = shareQuestions(costs.map(question), shells)
      expect(shares.flat().sort((a, b) => a - b)).toEqual(costs.map((_, place) => place))
      for (const places of shares) expect(places).toEqual([...places].sort((a, b) => a - b))
      const sums = shares.map((places) => places.reduce((sum, place) => sum + (costs[place] ?? 0), 0))
      expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(Math.max(0, ...costs))
    }),
  )
})
