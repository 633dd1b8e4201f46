import { describe, expect, it } from 'vitest'
import { sshdConfig } from '../../../src/facts/sshd-config'
import { attacksOn } from './attacks'
import { type Expression, expressionsIn } from './expressions'

/** Folders whose code reads, judges or shows what a host said. */
const FOLDERS = [
  ...['facts', 'packages', 'services', 'host', 'clean', 'backups', 'reboot', 'compare', 'engine'],
  ...['stages', 'checks', 'traffic', 'apps', 'journal', 'report', 'show'],
]

function fastest(act: () => unknown, tries: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries; i++) {
    const began = performance.now()
    act()
    best = Math.min(best, performance.now() - began)
  }
  return best
}

function apply({ source, flags }: Expression, text: string): void {
  const expression = new RegExp(source, flags)
  if (expression.global) text.replace(expression, '')
  else expression.exec(text)
}

describe('H40: a regular expression on text of hosts takes time that grows with the text alone', () => {
  it.each(FOLDERS)('in src/%s', (folder) => {
    const slow = expressionsIn([folder]).flatMap((expression) =>
      attacksOn(expression.source, expression.flags).flatMap((attack) => {
        const long = attack(8_000)
        // Quadratic: 64 times as long, and tens of milliseconds. The fastest of several tries is what it needs by itself.
        if (fastest(() => apply(expression, long), 1) < 4) return []
        const [shortMs, longMs] = [attack(1_000), long].map((text) => fastest(() => apply(expression, text), 3))
        const isSlow = (longMs ?? 0) > 4 && (longMs ?? 0) / Math.max(0.02, shortMs ?? 0) > 24
        const { at, source, flags } = expression
        return isSlow ? [`${at} /${source}/${flags} on ${JSON.stringify(attack(60))}`] : []
      }),
    )
    expect([...new Set(slow)]).toEqual([])
  })

  it('is found out where it does not', () => {
    const took = (source: string) =>
      Math.max(...attacksOn(source, '').map((attack) => fastest(() => new RegExp(source).exec(attack(8_000)), 1)))
    expect(took('^(.+?)\\s+(\\d{1,15})\\s+(\\/.*)$')).toBeGreaterThan(10 * Math.max(0.1, took('^(\\S+) (\\d{1,15})$')))
  })
})

describe('H40: lines of one word', () => {
  it('are kept in time that grows with their number: settings of sshd', () => {
    const text = (lines: number) => `port 22\n${'aa\n'.repeat(lines)}`
    const took = (lines: number) => fastest(() => sshdConfig.parse(text(lines), 0), 2)
    const [few, many] = [took(5_000), took(40_000)]
    expect(many / Math.max(1, few)).toBeLessThan(24)
  })
})
