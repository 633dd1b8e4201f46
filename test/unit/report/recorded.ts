import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event, HostFacts, RunFacts } from '../../../src/journal/event'

/** Runs of the real engine on real hosts; `scripts/record-runs.ts` makes them anew. */
export const RECORDED = ['all-live', 'one-held', 'rolled-back', 'refused'] as const

export function recorded(name: (typeof RECORDED)[number]): readonly Event[] {
  const text = readFileSync(join(import.meta.dirname, `../../cases/recorded/${name}.jsonl`), 'utf8')
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event]))
}

const FLEET = 1_000
const GROUPS = 40

/** What a host of `recorded(name)` went through, told again of hosts of a large fleet. */
export function thousandHosts(): { readonly about: RunFacts; readonly events: readonly Event[] } {
  const sources = [
    { events: recorded('one-held'), host: 'web-1', upTo: 0.03 },
    { events: recorded('rolled-back'), host: 'web-1', upTo: 0.05 },
    { events: recorded('one-held'), host: 'web-2', upTo: 0.1 },
    { events: recorded('all-live'), host: 'web-2', upTo: 1 },
  ]
  const names = Array.from({ length: FLEET }, (_, i) => `host-${String(i).padStart(3, '0')}`)
  const hosts = names.map(
    (name, i): HostFacts => ({
      name,
      address: `${name}.internal`,
      group: `group-${i % GROUPS}`,
      line: i + 10,
      wave: Math.floor(i / 50),
      isolation: 'isolated',
    }),
  )
  const of = (i: number) => {
    // Spread over the fleet, so that the worst are not the first by chance.
    const place = ((i * 7_919) % FLEET) / FLEET
    return sources.find(({ upTo }) => place < upTo)
  }
  const [begun] = recorded('all-live')
  if (begun?.type !== 'run.begun') throw new Error('a recording begins with run.begun')
  const told = names.flatMap((name, i) => {
    const source = of(i)
    return source === undefined
      ? []
      : source.events.filter((event) => event.host === source.host).map((event) => ({ ...event, host: name }))
  })
  const sentence = '900 live, 20 rolled-back, 30 held, 50 untouched'
  const last: Event = { ...begun, type: 'run.ended', verdict: 'held', reason: 'none', sentence, at: begun.at }
  const all: readonly Event[] = [{ ...begun, hosts }, ...told, last]
  return { about: begun.about, events: all.map((event, i) => ({ ...event, run: begun.run, seq: i + 1 })) }
}
