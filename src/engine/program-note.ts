import { LONGEST_MS } from '../host/note-schema'
import { formatNote, type NotedStep, type ProgramNote } from '../host/program-note'
import type { Place, ShStep, StageName } from '../plan/step'
import { VERSION } from '../version'
import type { HostContext } from './host-context'
import { commandDigest } from './recovery/digest'
import { noteFacts } from './recovery/noted-facts'
import { partsOf } from './recovery/parts'

/** From here on a host is not as it was: who comes after a crash has to know what was begun. */
const PLANNED: readonly StageName[] = ['drain', 'clean', 'update', 'verify', 'golive']

/** The steps after which the rest of an update cannot be told from what is on the host. */
const isPackageUpgrade = (id: string) => id === 'packages.upgrade'
export const isApp = (id: string) => id.startsWith('app.')
export const isHook = (id: string) => /^(before|after)-\d+$/.test(id)

/** Appended to the id of a hook that runs elsewhere: noted on the host before the hook begins. */
export const INTENT = '.intent'

/**
 * What a program is to say of itself. The parts of the plan are in the first one from drain on: that is the one that begins
 * to change. Facts from before stand there too, and again with the steps after which nobody could read them.
 */
export function noteOf(x: HostContext, stage: StageName, place: Place, id: string, steps: readonly ShStep[]): string {
  const isFirst = place === 'host' && !x.known.isPlanNoted && PLANNED.includes(stage)
  if (isFirst) x.known.isPlanNoted = true
  const wantsFacts = isFirst || (stage === 'update' && steps.some((s) => isPackageUpgrade(s.id) || isApp(s.id)))
  const text: ProgramNote = {
    v: 1,
    id,
    host: x.host.name,
    stage,
    steps: steps.map(notedStep),
    build: VERSION,
    ...(isFirst ? { parts: [...partsOf(x.host)], intents: true as const } : {}),
    ...(isFirst && x.known.goesOnWith !== null ? { after: x.known.goesOnWith } : {}),
    ...(wantsFacts ? { facts: noteFacts(x.known.facts) } : {}),
  }
  return formatNote(text)
}

/** Within what a reader takes: what is longer is cut here, not refused there. */
function notedStep(step: ShStep): NotedStep {
  return {
    id: step.id.slice(0, 100),
    title: step.title.slice(0, 300),
    required: step.required,
    disruptive: step.disruptive,
    timeoutMs: Math.min(step.timeoutMs, LONGEST_MS),
    isLeft: step.overtime === 'leave',
    ...(isHook(step.id) || isApp(step.id) ? { digest: commandDigest(step) } : {}),
  }
}

/**
 * A program that is there already is not begun again, and its answer is the one of then. Two holders of one lease may share
 * the id of their run: post and its main, and every run of a runner that numbers none of them. So the token is in the name.
 * No lease begins so many programs on one host.
 */
export const firstProgramOf = (token: number) => (token - 1) * PROGRAMS_A_LEASE

export const PROGRAMS_A_LEASE = 10_000
