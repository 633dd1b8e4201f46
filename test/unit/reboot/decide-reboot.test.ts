import { describe, expect, it } from 'vitest'
import { ok, unknown } from '../../../src/facts/fact'
import { decideReboot } from '../../../src/reboot/decide-reboot'

const required = (needed: 'yes' | 'no' | 'unknown') => ok({ needed, why: 'because', packages: [] })
const clear = ok<readonly string[]>([])

describe('decideReboot', () => {
  it('reboots when it is required and nothing stands in the way', () => {
    expect(decideReboot('if-required', required('yes'), clear)).toEqual({ reboot: true, needed: 'yes', why: 'because' })
  })

  it('H30: an unknown need never reboots, and is a finding', () => {
    for (const need of [required('unknown'), unknown('not read')]) {
      const decision = decideReboot('if-required', need, clear)
      expect([decision.reboot, decision.needed, decision.finding?.severity]).toEqual([false, 'unknown', 'warn'])
    }
  })

  it('does not reboot where nothing asks for it', () => {
    expect(decideReboot('if-required', required('no'), clear).reboot).toBe(false)
  })

  it('never reboots where the file says never, and says what is pending', () => {
    const decision = decideReboot('never', required('yes'), clear)
    expect([decision.reboot, decision.finding?.what]).toEqual([false, 'A reboot is pending: because'])
  })

  it('reboots always where the file says so, even when the need is unknown', () => {
    expect(decideReboot('always', required('unknown'), clear).reboot).toBe(true)
  })

  it('H34: an obstacle, or one that could not be looked for, keeps the host up', () => {
    for (const wanted of ['if-required', 'always'] as const) {
      const blocked = decideReboot(wanted, required('yes'), ok(['there is no initramfs for the kernel 6.1']))
      expect([blocked.reboot, blocked.finding?.advice]).toEqual([
        false,
        'Not rebooted, because there is no initramfs for the kernel 6.1',
      ])
      expect(decideReboot(wanted, required('yes'), unknown('needs root')).reboot).toBe(false)
    }
  })
})
