import { nextOpening } from '../config/openings'
import type { HostConfig, MaintenanceFile, WindowConfig } from '../config/schema'
import { admission } from '../config/window'
import { isFrozen } from '../config/zone'
import type { Plan } from '../plan/plan'
import { localSpan } from '../show/local-time'
import type { Disclosure } from './disclose'
import type { FileChange } from './file-change'
import type { NamedFile } from './named-file'

/** What the maintenance file says about a group, as far as a plan shows it. */
export interface PlannedGroup {
  readonly name: string
  readonly needs: readonly string[]
  /** Hosts of the first wave; 0: the group has no canary. */
  readonly canary: number
  readonly onFailure: 'hold' | 'rollback'
  /** When hosts may be admitted, in the zone of the window; empty: any time. */
  readonly openings: readonly string[]
  /** An admission would be possible at the time of planning. */
  readonly isOpen: boolean
}

/** What changed in the file, and in those it names, against the base of a pull request; or why that is not known. */
export type Change =
  | { readonly known: true; readonly change: FileChange; readonly files?: readonly NamedFile[] }
  | { readonly known: false; readonly why: string }

/** A plan with everything that people need beside it to judge it. */
export interface PlanView {
  readonly plan: Plan
  readonly hash: string
  readonly file: string
  readonly groups: readonly PlannedGroup[]
  /** null: this is no pull request. */
  readonly change: Change | null
  readonly disclose: Disclosure
}

/** The view of a plan made at `plan.madeAt`. Pure. */
export function planView(
  file: MaintenanceFile,
  made: { readonly plan: Plan; readonly hash: string },
  more: Pick<PlanView, 'change' | 'disclose'>,
): PlanView {
  const now = new Date(made.plan.madeAt)
  const planned = new Set(made.plan.hosts.map((host) => host.group))
  const groups = [...file.groups.values()].filter((group) => planned.has(group.name))
  return {
    ...made,
    ...more,
    file: file.file,
    groups: groups.map((group) => {
      const windows = windowsOf(group.hosts.flatMap((name) => file.hosts.get(name) ?? []))
      return {
        name: group.name,
        needs: group.needs,
        canary: group.rollout.canary,
        onFailure: group.rollout.on_failure,
        openings: windows.flatMap((window) => openingText(window, now)),
        isOpen: admission(windows, now, { scheduled: false }).open,
      }
    }),
  }
}

/** Each once: hosts of a group share theirs. */
function windowsOf(hosts: readonly HostConfig[]): readonly WindowConfig[] {
  const all = [...new Set(hosts.map((host) => host.window))].flat()
  return [...new Map(all.map((window) => [JSON.stringify(window), window])).values()]
}

/** The opening that is going on or the next one, freeze days left out. */
function openingText(window: WindowConfig, now: Date): readonly string[] {
  const opens = nextOpening(window, now.getTime() - window.durationMs, (at) => !isFrozen(window, at))
  return opens === null ? [] : [localSpan(opens, opens + window.durationMs, window.timezone)]
}
