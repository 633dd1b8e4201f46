import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FRESH, formatState, type HostState, parseState } from '../../../src/host/state'

const held: HostState = {
  ...FRESH,
  run: 'r1',
  token: 12,
  phase: 'held',
  touched: true,
  drained: true,
  since: '2026-11-22T02:00:00Z',
}

describe('the state of a host', () => {
  it('reads back as it was written', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._:@+-]{0,40}$/)
    const moment = fc
      .option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }), { nil: null })
      .map((at) => at?.toISOString() ?? '')
    const state = fc.record<HostState>({
      v: fc.constant(1),
      run: word,
      token: fc.nat(999_999_999),
      phase: fc.constantFrom('idle', 'update', 'held'),
      touched: fc.boolean(),
      drained: fc.boolean(),
      since: moment,
      ledger: word,
      ledgerVerdict: fc.constantFrom('', 'live', 'rolled-back', 'held'),
      lastMaintained: moment,
    })
    fc.assert(
      fc.property(state, (s) => {
        expect(parseState(formatState(s))).toEqual(s)
      }),
    )
  })

  it('is fresh where no run ever wrote one', () => {
    expect(parseState('')).toEqual(FRESH)
  })

  it('of a later version is read, and what it added is left out', () => {
    expect(parseState(`${formatState(held)}mood=calm\n`)).toEqual(held)
  })

  it('H32: torn at any byte is never another state: it is unknown, or what it was but for the last value', () => {
    const text = formatState(held)
    for (let end = 1; end < text.length - 1; end++) {
      const read = parseState(text.slice(0, end))
      if (read !== null) expect({ ...read, lastMaintained: '' }).toEqual(held)
    }
  })

  it.each([
    ['another version', 'v=1', 'v=2'],
    ['a phase nobody knows', 'phase=held', 'phase=resting'],
    ['a flag that is neither true nor false', 'touched=true', 'touched=yes'],
    ['a token that is no number', 'token=12', 'token=12x'],
    ['shell text', 'run=r1', 'run=$(reboot)'],
    ['a line without a value', 'drained=true', 'drained'],
  ])('H22: with %s is unknown, not fresh', (_, right, wrong) => {
    expect(parseState(formatState(held).replace(right, wrong))).toBeNull()
  })

  it.each([
    ['ledgerVerdict', 'live-and-well'],
    ['ledgerVerdict', '2026'],
    ['lastMaintained', 'yesterday'],
    ['since', '9999-99-99T99:99:99Z'],
    ['since', 'https://evil.example'],
  ])(
    'promise 6: a word in it that people would be shown, and that is none of ours, makes it unreadable (%s=%s)',
    (key, value) => {
      const text = formatState(held).replace(new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`)
      expect(parseState(text)).toBeNull()
      expect(parseState(formatState(held))).toEqual(held)
    },
  )
})
