import { expect, test } from 'vitest'
import { nextCommand } from '../../../src/cli/held/next-command'
import { FRESH } from '../../../src/host/state'

const cut = { ...FRESH, run: 'run-1', phase: 'update', touched: true, drained: true } as const
const out = { state: 'out', words: 'out (command)' } as const

test('a host that a run holds is waited for', () => {
  expect(nextCommand('web-1', cut, out, 'run')).toBe('a run is at work on it: wait for its end')
})

test.each(['left', null] as const)('what a run left is settled by recover, also while it still works: %s', (work) => {
  expect(nextCommand('web-1', cut, out, work)).toContain('`node dist/cli.js recover --hosts web-1`')
  expect(nextCommand('web-1', cut, out, work)).not.toContain('wait for its end')
})
