import { expect, it } from 'vitest'
import { keepStateOf } from '../../../src/host/machine'
import { FRESH, type HostState } from '../../../src/host/state'

const state = (more: Partial<HostState>): HostState => ({ ...FRESH, run: 'r', token: 3, ...more })

it('waits for the disk with every state that decides what becomes of the host', () => {
  const decisive: [Partial<HostState>, Partial<HostState>][] = [
    [{ run: 'earlier' }, { phase: 'prepare' }],
    [{ phase: 'monitor' }, { phase: 'drain', drained: true }],
    [{ phase: 'monitor' }, { phase: 'monitor', drained: true }],
    [{ phase: 'drain' }, { phase: 'clean', touched: true }],
    [
      { phase: 'drain', drained: true },
      { phase: 'clean', drained: true, touched: true },
    ],
    [
      { phase: 'verify', touched: true },
      { phase: 'golive', touched: true },
    ],
    [
      { phase: 'verify', touched: true },
      { phase: 'held', touched: true },
    ],
    [{ phase: 'golive', touched: true }, { phase: 'idle' }],
    [{ phase: 'idle' }, { phase: 'idle', ledger: 'w' }],
  ]
  expect(decisive.map(([was, is]) => keepStateOf(state(was), state(is)))).toEqual(decisive.map(() => 'sync'))
})

it('does not wait for it where nothing is disturbed yet, or where all that was is to be verified', () => {
  expect(keepStateOf(state({ phase: 'prepare' }), state({ phase: 'monitor' }))).toBe('no')
  // Nothing disruptive is pending, so the drain takes nobody out of service.
  expect(keepStateOf(state({ phase: 'monitor' }), state({ phase: 'drain' }))).toBe('no')
  const touched = { touched: true, drained: true }
  expect(keepStateOf(state({ phase: 'clean', ...touched }), state({ phase: 'update', ...touched }))).toBe('write')
})
