import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CheckOutcome, CheckResult } from '../../../src/checks/check'
import { decideGate, requireOpenGate, shutters } from '../../../src/gate/gate'

const check = (id: string, outcome: CheckOutcome, actual = 'seen'): CheckResult => ({
  id,
  kind: id.slice(0, id.indexOf(':')),
  outcome,
  expected: '200',
  actual,
})
const scope = { host: 'web-1', run: 'r1', required: [] }

const anyCheck = (...outcomes: CheckOutcome[]) =>
  fc.record({
    id: fc.string({ maxLength: 40 }),
    kind: fc.constant('http'),
    outcome: fc.constantFrom(...outcomes),
    expected: fc.string({ unit: 'binary', maxLength: 400 }),
    actual: fc.string({ unit: 'binary', maxLength: 400 }),
  })

describe('the gate', () => {
  it('stays shut when any check fails or is unknown, wherever it stands', () => {
    const good = fc.array(anyCheck('pass', 'warn', 'skipped'))
    fc.assert(
      fc.property(good, anyCheck('fail', 'unknown'), good, (before, bad, after) => {
        expect(decideGate([...before, bad, ...after], scope).open).toBe(false)
      }),
    )
  })

  it('opens when nothing failed, nothing is unknown and something was seen', () => {
    const seen = anyCheck('pass', 'warn')
    fc.assert(
      fc.property(fc.array(anyCheck('pass', 'warn', 'skipped')), seen, (others, one) => {
        expect(decideGate([...others, one], scope).open).toBe(true)
      }),
    )
  })

  it('stays shut for an empty list', () => {
    expect(decideGate([], scope)).toEqual({ open: false, reason: 'nothing was verified' })
  })

  it('stays shut when every check was skipped: nothing was seen', () => {
    expect(decideGate([check('http:a', 'skipped')], scope).open).toBe(false)
  })

  it('stays shut for an outcome no version knows', () => {
    const strange = { ...check('http:a', 'pass'), outcome: JSON.parse('"ok"') }
    expect(decideGate([strange, check('tcp:b', 'pass')], scope).open).toBe(false)
    expect(shutters([strange])).toHaveLength(1)
  })

  it('stays shut when a required check is not among the results', () => {
    const decision = decideGate([check('http:a', 'pass')], { ...scope, required: ['http:a', 'builtin:login'] })
    expect(decision).toEqual({ open: false, reason: 'not verified: builtin:login was not run' })
  })

  it('does not change its mind by the order of the checks', () => {
    fc.assert(
      fc.property(fc.array(anyCheck('pass', 'warn', 'skipped', 'unknown', 'fail')), (checks) => {
        expect(decideGate([...checks].reverse(), scope).open).toBe(decideGate(checks, scope).open)
      }),
    )
  })

  it('names the first failing check with what was expected and what was got', () => {
    const decision = decideGate([check('builtin:login', 'pass'), check('http:http://localhost/', 'fail', '502')], scope)
    expect(decision.reason).toBe('1 of 2 checks shuts the gate: http:http://localhost/: expected 200, got 502')
  })

  it('names what failed before what is unknown', () => {
    const decision = decideGate([check('tcp:a', 'unknown', 'cut'), check('http:b', 'fail', '502')], scope)
    expect(decision.reason).toBe(
      '2 of 2 checks shut the gate: http:b: expected 200, got 502; tcp:a (unknown): expected 200, got cut',
    )
  })

  it('gives a reason of one line and at most 320 characters for any text of a host', () => {
    fc.assert(
      fc.property(fc.array(anyCheck('fail', 'unknown', 'pass'), { maxLength: 30 }), (checks) => {
        const { reason } = decideGate(checks, scope)
        expect([...reason].length).toBeLessThanOrEqual(320)
        expect(reason).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })
})

describe('an open gate', () => {
  const opened = () => {
    const decision = decideGate([check('http:a', 'pass')], scope)
    if (!decision.open) throw new Error('expected an open gate')
    return decision.gate
  }

  it('lets the host it was made for go live', () => {
    expect(() => requireOpenGate(opened(), 'web-1', 'r1')).not.toThrow()
  })

  it('does not let another host go live', () => {
    expect(() => requireOpenGate(opened(), 'web-2', 'r1')).toThrow(/web-2/)
  })

  it('does not let the same host go live in another run', () => {
    expect(() => requireOpenGate(opened(), 'web-1', 'r2')).toThrow(/r2/)
  })

  it('cannot be made by anything but the decision, not even from the class of an open one', () => {
    const Forged = opened().constructor as unknown as new (...args: unknown[]) => unknown
    expect(() => new Forged(Symbol('seal'), 'web-1', 'r1')).toThrow('only decideGate opens a gate')
    expect(() => requireOpenGate({ requireFor: () => undefined }, 'web-1', 'r1')).toThrow('no open gate')
    const look = Object.create(Object.getPrototypeOf(opened()))
    expect(() => requireOpenGate(look, 'web-1', 'r1')).toThrow()
    expect(() => requireOpenGate(undefined, 'web-1', 'r1')).toThrow('no open gate')
  })

  it('cannot be copied as JSON', () => {
    expect(() => requireOpenGate(JSON.parse(JSON.stringify(opened())), 'web-1', 'r1')).toThrow('no open gate')
  })
})
