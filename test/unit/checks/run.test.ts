import { describe, expect, it, vi } from 'vitest'
import { type Probe, pass, type Seen } from '../../../src/checks/probe'
import { runProbe } from '../../../src/checks/run'
import { probeContext } from '../../fixtures/probe-context'

const probe = (run: Probe['run']): Probe => ({ id: 'http:a', kind: 'http', expected: '200', timeoutMs: 1000, run })
const never = () => new Promise<Seen>(() => undefined)

describe('one probe', () => {
  it('keeps what it found', async () => {
    const result = await runProbe(
      probe(async () => pass('200 in 3 ms')),
      probeContext(),
    )
    expect(result).toEqual({ id: 'http:a', kind: 'http', expected: '200', outcome: 'pass', actual: '200 in 3 ms' })
  })

  it('that throws is unknown, and says why with the code', async () => {
    const thrown = Object.assign(new Error('boom\u001b[2J'), { code: 'EODD' })
    const result = await runProbe(
      probe(() => Promise.reject(thrown)),
      probeContext(),
    )
    expect(result).toMatchObject({ outcome: 'unknown', actual: 'boom [2J (EODD)' })
  })

  it('that throws no Error is unknown', async () => {
    const result = await runProbe(
      probe(() => Promise.reject('text')),
      probeContext(),
    )
    expect(result).toMatchObject({ outcome: 'unknown', actual: 'text' })
  })

  it('that never ends is unknown, and told to stop', async () => {
    vi.useFakeTimers()
    let told: AbortSignal | undefined
    const running = runProbe(
      probe((at) => {
        told = at.signal
        return never()
      }),
      probeContext(),
    )
    await vi.advanceTimersByTimeAsync(6_000)
    vi.useRealTimers()
    expect(await running).toMatchObject({ outcome: 'unknown', actual: 'no result within 6 s' })
    expect(told?.aborted).toBe(true)
  })

  it('that is cancelled is unknown, at once', async () => {
    const cancel = new AbortController()
    const running = runProbe(probe(never), probeContext({ signal: cancel.signal }))
    cancel.abort()
    expect(await running).toMatchObject({ outcome: 'unknown', actual: 'cancelled before it ended' })
  })
})
