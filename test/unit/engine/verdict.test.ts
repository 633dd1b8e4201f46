import { expect, it } from 'vitest'
import type { EngineIo } from '../../../src/engine/engine-io'
import { openHost } from '../../../src/engine/open-host'
import { type End, runVerdict } from '../../../src/engine/verdict'
import { NoRootError } from '../../../src/errors'
import { hostConfig } from '../../fixtures/host-config'

const end = (verdict: End['verdict'], more: Partial<End> = {}): End => ({
  verdict,
  reason: '',
  rule: null,
  admitted: true,
  ...more,
})

it('the worst of a run: failed, held, partial, live', () => {
  const [live, back, held, untouched] = [end('live'), end('rolled-back'), end('held'), end('untouched')]
  const verdict = (...ends: readonly End[]) => runVerdict('run', ends).verdict
  expect(verdict(live, live)).toBe('live')
  expect(verdict(live, untouched)).toBe('partial')
  expect(verdict(live, back)).toBe('partial')
  expect(verdict(live, back, held)).toBe('held')
  expect(verdict(live, held, end('unreachable'))).toBe('failed')
  expect(verdict(live, held, end('held', { internal: true }))).toBe('failed')
  expect(verdict(live, end('unreachable', { admitted: false }))).toBe('partial')
})

it('a recover that settled every host is live; one that could not is not', () => {
  const early = { admitted: false }
  const [live, back, none] = [end('live', early), end('rolled-back', early), end('untouched', early)]
  const leased = end('untouched', { ...early, rule: { name: 'lease', value: '', line: null } })
  const verdict = (...ends: readonly End[]) => runVerdict('recover', ends).verdict
  expect(verdict(none)).toBe('live')
  expect(verdict(live, back, none)).toBe('live')
  expect(verdict(live, leased)).toBe('partial')
  expect(verdict(live, end('unreachable', early))).toBe('partial')
  expect(verdict(live, none, end('held', early))).toBe('held')
})

it('a recover that was refused root by a host cannot say that nothing is left there', async () => {
  const signal = new AbortController().signal
  const io = { signal, open: async () => Promise.reject(new NoRootError('sudo asks for a password')) }
  const found = await openHost(hostConfig(), io as unknown as EngineIo)
  if (!('verdict' in found)) throw new Error('it was opened')
  expect(found.verdict).toBe('untouched')
  expect(runVerdict('recover', [{ ...found, admitted: false }]).verdict).toBe('partial')
})

it.each(['run', 'verify', 'recover'] as const)(
  '%s of hosts that are all under skip: they count for no verdict',
  (mode) => {
    expect(runVerdict(mode, [])).toMatchObject({ verdict: 'live', reason: 'none' })
  },
)

it('hosts that are done, and hosts that are not due yet, are both in order', () => {
  const ruled = (name: string) => end('untouched', { admitted: false, rule: { name, value: '', line: null } })
  const reason = (...names: readonly string[]) => runVerdict('run', names.map(ruled))
  expect(reason('already-done', 'already-done')).toMatchObject({ verdict: 'refused', reason: 'already-done' })
  expect(reason('already-done', 'window')).toMatchObject({ verdict: 'refused', reason: 'too-early' })
  expect(reason('window.cutoff')).toMatchObject({ verdict: 'refused', reason: 'too-early' })
  expect(reason('already-done', 'stages.drain.traffic')).toMatchObject({ verdict: 'refused', reason: 'none' })
})
