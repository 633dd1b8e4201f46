import { FAULTS } from './faults'
import type { Result } from './result'

export const LETTERS: Readonly<Record<string, string>> = {
  live: 'L',
  'rolled-back': 'R',
  untouched: 'U',
  held: 'H',
  unreachable: '?',
}

const OUTCOMES = Object.keys(LETTERS)

/** One row a fault: how many, and how the struck host ended. */
export function faultTable(results: readonly Result[]): string {
  const rows = FAULTS.map((fault, i) => {
    const own = results.filter((r) => r.fault === fault.name)
    const ends = OUTCOMES.map((verdict) => own.filter((r) => r.secondVerdict === verdict).length || '')
    const broken = own.filter((r) => r.broken.length > 0).length
    return row([i + 1, fault.title, own.length, ...ends, broken])
  })
  const all = OUTCOMES.map((verdict) => results.filter((r) => r.secondVerdict === verdict).length || '')
  const broken = results.filter((r) => r.broken.length > 0).length
  return [
    row(['', 'fault', 'strikes', ...OUTCOMES, 'broken promises']),
    row(['---', '---', ...Array<string>(OUTCOMES.length + 2).fill('---:')]),
    ...rows,
    row(['', '**all**', results.length, ...all, broken]),
  ].join('\n')
}

/** One row an event, in the order of a run (`order`); one column a fault. */
export function eventTable(results: readonly Result[], order: readonly string[]): string {
  const rank = (point: string) => (order.includes(point) ? order.indexOf(point) : order.length)
  const events = [...new Set(results.map((r) => r.point ?? ''))].sort((one, other) => rank(one) - rank(other))
  return [
    row(['event', ...FAULTS.map((_, i) => i + 1)]),
    row(['---', ...FAULTS.map(() => '---')]),
    ...events.map((event) =>
      row([
        `\`${event}\``,
        ...FAULTS.map((fault) => cell(results.filter((r) => r.point === event && r.fault === fault.name))),
      ]),
    ),
  ].join('\n')
}

function cell(results: readonly Result[]): string {
  const ends = OUTCOMES.flatMap((verdict) => {
    const count = results.filter((r) => r.secondVerdict === verdict).length
    return count === 0 ? [] : [`${LETTERS[verdict]}${count === 1 ? '' : count}`]
  })
  return [...ends, ...(results.some((r) => r.broken.length > 0) ? ['✗'] : [])].join(' ')
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
