import type { Event, EventBody } from '../../../src/journal/event'
import type { HostLook } from '../../faults/look'
import type { RunEnd } from '../../faults/pitstop-run'
import type { SceneRecord } from '../../faults/scene-record'
import type { Request } from '../../faults/users'
import { parseWitness } from '../../faults/witness'

/** A host that serves, with nothing left behind. */
export const serving: HostLook = {
  isOn: true,
  isOut: false,
  unit: 'active',
  answer: '200',
  packages: ['demo-web=1.0=installed'],
  audit: '',
  holds: [],
  state: new Map([
    ['phase', 'idle'],
    ['touched', 'false'],
    ['drained', 'false'],
  ]),
  undos: 0,
  upgrades: 0,
  witness: [],
}

export const witness = (...lines: string[]) => parseWitness(lines.join('\n'))

export function journal(...bodies: readonly (EventBody & { readonly on?: string })[]): RunEnd['journal'] {
  const events = bodies.map(
    ({ on, ...body }, i): Event => ({
      v: 1,
      seq: i + 1,
      at: '2026-01-01T00:00:00Z',
      run: 'r1',
      host: on ?? null,
      ...body,
    }),
  )
  return { events, unreadable: 0, isTorn: false }
}

export const begun: EventBody = {
  type: 'run.begun',
  about: {
    id: 'r1',
    mode: 'run',
    file: 'maintenance.yml',
    name: '',
    owner: null,
    configHash: '',
    planHash: null,
    url: null,
    actor: null,
    overrides: [],
  },
  hosts: [],
}
export const hookDone: EventBody & { readonly on: string } = {
  type: 'step.ended',
  on: 'web-1',
  stage: 'drain',
  step: 'before-1',
  title: '',
  outcome: 'done',
  exitCode: 0,
  durationMs: 1,
  log: '',
}
export const runEnded: EventBody = { type: 'run.ended', verdict: 'live', reason: 'none', sentence: '' }

/** A run whose report says this of web-1. */
export function ended(verdict: string, reason = ''): RunEnd {
  const host = { name: 'web-1', verdict, reason, rule: null }
  const other = { ...host, name: 'web-2', verdict: 'untouched' }
  const report = { run: { verdict: 'live' }, hosts: [host, other] } as unknown as NonNullable<RunEnd['report']>
  return { exitCode: 0, isOvertime: false, journal: journal(begun, runEnded), report }
}

export function record(over: Partial<SceneRecord> & { readonly look?: Partial<HostLook> } = {}): SceneRecord {
  const { look, ...rest } = over
  return {
    variant: 'balancer',
    fault: null,
    point: null,
    isBroken: false,
    secondMode: 'recover',
    alone: true,
    first: ended('live'),
    afterFirst: null,
    second: ended('untouched'),
    afterSecond: new Map([['web-1', { ...serving, ...look }]]),
    helper: [],
    seen: { through: [], direct: new Map(), balancer: [] },
    ...rest,
  }
}

export const answered = (at: number, by: Request['by'], text = '200 ok'): Request => ({
  askedAt: at,
  answeredAt: at + 0.01,
  by,
  text,
})
