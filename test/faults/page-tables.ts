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

/** One row an event, in the order of a run; one column a fault. */
export function eventTable(results: readonly Result[]): string {
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

const STAGES = ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive'] as const
/** Events that name no stage, by the stage they come before (the number) or in (the number and a half). */
const PLACES: Readonly<Record<string, number>> = {
  'run.begun': -3,
  connected: -2,
  'lease.taken': -1,
  settled: -0.7,
  'traffic read': -0.5,
  admitted: 1.9,
  'traffic drained': 2.9,
  touched: 3.1,
  'reboot.ordered': 4.6,
  'reboot.done': 4.7,
  gate: 5.95,
  'traffic undrained': 6.8,
  'host.ended': 7,
  'lease.released': 8,
}

function rank(event: string): number {
  const place = PLACES[event.replace(/ #\d+$/, '')]
  if (place !== undefined) return place
  const stage = STAGES.findIndex((name) => event.includes(name))
  if (event.startsWith('stage.begun')) return stage
  return stage + (event.startsWith('stage.ended') ? 0.9 : 0.5)
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
