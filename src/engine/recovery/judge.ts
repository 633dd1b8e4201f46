import type { Hook } from '../../config/schema'
import type { NotedStep } from '../../host/program-note'
import type { ShStep, StageName, StepResult } from '../../plan/step'
import { INTENT, isApp, isHook } from '../program-note'
import { commandDigest } from './digest'
import type { Progress } from './progress'

const isIntent = (id: string) => id.endsWith(INTENT)

/** A step of the file counts as begun where its like was, by what it says; one that says something else by now was not. */
export function wasBegun(p: Progress, stage: StageName, step: Pick<ShStep, 'id' | 'place' | 'run'>): boolean {
  if (p.results.has(`${stage}/${step.id}${INTENT}`)) return true
  const noted = p.steps.get(`${stage}/${step.id}`)
  if (noted === undefined) return false
  return isApp(step.id) || noted.digest === undefined || noted.digest === commandDigest(step)
}

/** Something of the stage was begun, on the host or, as it noted, elsewhere. */
export const isStageBegun = (p: Progress, stage: StageName) => keysOf(p, stage).length > 0

/** Traffic that came back is drained again in any stage. */
const keysOf = (p: Progress, stage: StageName) =>
  [...p.results.keys()].filter((key) => key.startsWith(`${stage}/`) && !key.startsWith(`${stage}/traffic-`))

/** The main part of the update was begun: hooks before it have had their turn. */
export function isMainBegun(p: Progress): boolean {
  return keysOf(p, 'update').some((key) => !isHook(key.slice(7)) && !isIntent(key))
}

/**
 * Why a stage counts as failed, in one sentence: a required step ended badly, or a hook or an application was cut, whose
 * effect nobody knows (design 4.3). What can be told from the host itself is not judged here. null: nothing speaks
 * against it.
 * @param after the hooks that come after the stage, by the file of today
 */
export function failureOf(p: Progress, stage: StageName, after: readonly Pick<Hook, 'always'>[]): string | null {
  const rows = [...p.results].filter(([key]) => key.startsWith(`${stage}/`))
  // One that comes after the stage itself ends the row of those hooks where it fails, whatever they are.
  const proves = (of: string) => (id: string) =>
    !id.startsWith('traffic-') && (of.startsWith('after-') || !isAlways(id, after))
  for (const [i, [key, result]] of rows.entries()) {
    const step = p.steps.get(key)
    if (step === undefined || isRollback(result.id)) continue
    const why = isIntent(result.id) ? cutElsewhere(p, rows, i, proves(result.id)) : whyBad(p, step, result)
    if (why !== null) return why
  }
  return null
}

function whyBad({ run }: Progress, step: NotedStep, { id, outcome, exitCode }: StepResult): string | null {
  if (!step.required || !isOfUpdate(id)) return null
  if (outcome === 'failed') return `${step.title}: ended with exit code ${exitCode ?? 'unknown'} in run ${run}`
  if (outcome !== 'interrupted' || !(isHook(id) || isApp(id))) return null
  return `${step.title}: it was cut in run ${run}, and whether it took effect is unknown`
}

/** Beside them traffic is drained again, and the order to reboot is proved by the boot. */
const isOfUpdate = (id: string) => isHook(id) || isApp(id) || /^(packages|sshd)\./.test(id)

/** It comes after a stage that failed, too: that it was begun says nothing of what was before it. */
function isAlways(id: string, after: readonly Pick<Hook, 'always'>[]): boolean {
  const number = /^after-(\d+)/.exec(id)?.[1]
  return number !== undefined && after[Number(number) - 1]?.always !== false
}

/** A hook elsewhere is over, and ended well, where anything was begun on the host that waits for that (`proves`). */
function cutElsewhere(
  { run, steps }: Progress,
  rows: readonly (readonly [string, StepResult])[],
  at: number,
  proves: (id: string) => boolean,
): string | null {
  const [key, intent] = rows[at] ?? []
  if (intent === undefined || key === undefined || steps.get(key)?.required !== true) return null
  if (rows.slice(at + 1).some(([, { id }]) => proves(id))) return null
  return `${steps.get(key)?.title ?? intent.id}: whether it took effect in run ${run} is unknown`
}

export const isRollback = (id: string) => id === 'packages.rollback' || /^app\..*\.rollback$/.test(id)

/** Whether an earlier run took the update back: `cut` where nobody knows how far. */
export function rollbackOf(p: Progress): 'none' | 'done' | 'cut' {
  const back = [...p.results].filter(([key]) => key.startsWith('update/') && isRollback(key.slice(7)))
  if (back.length === 0) return 'none'
  return back.every(([, result]) => result.outcome === 'done') ? 'done' : 'cut'
}
