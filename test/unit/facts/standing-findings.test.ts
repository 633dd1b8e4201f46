import { expect, it } from 'vitest'
import { fingerprint, formatFinding, KEPT_FINDINGS, standingFindings } from '../../../src/facts/standing-findings'

const one = { what: 'Still on replaced files: dbus.service', severity: 'warn', advice: 'Plan a reboot' }
const row = { print: fingerprint(one), since: '2026-11-02T02:00:00.000Z' }
const read = (out: string, rc = 0) => standingFindings('/s').parse(out, rc)

it('reads what it wrote', () => {
  expect(read(`${formatFinding(row)}\n`)).toEqual({ ok: true, value: [row] })
  expect(read('')).toEqual({ ok: true, value: [] })
})

it('a finding in other words, of another severity or with another advice is another one', () => {
  const prints = [one, { ...one, what: 'x' }, { ...one, severity: 'block' }, { ...one, advice: '' }].map(fingerprint)
  expect(new Set(prints).size).toBe(4)
})

it.each([
  `${row.print} 2026-99-02T02:00:00.000Z`,
  `${row.print} yesterday`,
  `${row.print}`,
  `../../etc/shadow ${row.since}`,
  `${formatFinding(row)} and more`,
  '{"v":2}',
  '\u001b[2J',
])('H22: a line in no form of ours is left out: %j', (line) => {
  expect(read(`${line}\n${formatFinding(row)}\n`)).toEqual({ ok: true, value: [row] })
})

it('H22: asks for so many lines and bytes only', () => {
  const { sh, cap } = standingFindings('/s')
  expect(sh.text).toContain(`head -n ${KEPT_FINDINGS} /s/findings`)
  expect(KEPT_FINDINGS * (formatFinding(row).length + 1)).toBeLessThan(cap)
})
