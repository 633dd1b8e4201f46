import { describe, expect, it } from 'vitest'
import { mutantTraces } from '../../fixtures/model/mutant'
import { runTraces } from '../../fixtures/model/traces'

const SEEDS = [11, 22, 33, 44]
/** Ten thousand runs of the engine where CI is set; a tenth of that for whoever waits for it. */
const IS_CI = process.env.CI === 'true'
const FLEETS = IS_CI ? 1_000 : 100
const MUTANT_FLEETS = 1_000
let traces = 0
let attached = 0

describe('random fleets with random failures, kills, cancellations and clocks', () => {
  it.each(SEEDS)(
    'keep promises 1 to 6, and end in verdicts that are true, whatever a disk says meanwhile (seed %i)',
    { timeout: 600_000 },
    async (seed) => {
      const end = await runTraces(FLEETS, seed)
      traces += end.traces
      attached += end.attached
      expect(end.broken).toBeNull()
    },
  )

  it(`were at least ${IS_CI ? 'ten thousand' : 'a thousand'} runs of the engine`, () => {
    expect(traces).toBeGreaterThanOrEqual(IS_CI ? 10_000 : 1_000)
  })

  it('now and then followed the living program of an earlier run', () => {
    expect(attached).toBeGreaterThan(IS_CI ? 100 : 10)
  })
})

describe('an engine with a fault', () => {
  it.each([
    {
      name: 'that skips the gate',
      file: 'src/gate/gate.ts',
      from: 'if (bad.length > 0) return { open: false, reason: shutReason(bad, checks.length) }',
      to: 'if (bad.length < 0) return { open: false, reason: shutReason(bad, checks.length) }',
    },
    {
      name: 'that treats unknown as pass',
      file: 'src/gate/gate.ts',
      from: "new Set(['pass', 'warn', 'skipped'])",
      to: "new Set(['pass', 'warn', 'skipped', 'unknown'])",
    },
    {
      name: 'that takes a host away while another one is broken',
      file: 'src/engine/well-being.ts',
      from: 'shutters([...checks, services])',
      to: 'shutters([...checks, services].slice(0, 0))',
    },
    {
      name: 'that forgets what the file names no more',
      file: 'src/engine/recovery/gone.ts',
      from: 'return foreign === undefined ? null : sentenceOf(x, p, foreign)',
      to: "return sentenceOf === undefined ? '' : null",
    },
  ])('$name is caught', { timeout: 600_000 }, async (mutation) => {
    const runMutant = await mutantTraces(mutation)
    const end = await runMutant(MUTANT_FLEETS, 11, false)
    expect(end.broken?.wrongs.join('\n')).toMatch(
      /promise 1|it is sick|promise 3|users cannot reach it|no run remembers/,
    )
  })
})
