import type { Problem } from '../errors'
import { check } from './explain'
import { openingsBetween } from './openings'
import type { WindowConfig } from './schema'
import { descend, placeOf, type TreeNode } from './tree'
import { type WindowInput, windows } from './window-schema'

const DEFAULT_CUTOFF_MS = 1_800_000

/** The windows of one group, in the form the clock is asked with. */
export function readWindows(tree: TreeNode | undefined): {
  readonly windows: readonly WindowConfig[]
  readonly problems: readonly Problem[]
} {
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null && tree.at === null))
    return { windows: [], problems: [] }
  const checked = check(windows, tree)
  if (checked.value === undefined) return { windows: [], problems: checked.problems }
  const isList = Array.isArray(checked.value)
  const inputs: readonly WindowInput[] = Array.isArray(checked.value) ? checked.value : [checked.value]
  const nodes = inputs.map((_, i) => (isList ? descend(tree, [i]) : tree) ?? tree)
  const all = inputs.map((input, i) => windowOf(input, placeOf(nodes[i] ?? tree, ['open'])?.line ?? null))
  return { windows: all, problems: all.flatMap((window, i) => windowProblems(window, nodes[i] ?? tree)) }
}

function windowOf(input: WindowInput, line: number | null): WindowConfig {
  return {
    open: input.open,
    durationMs: input.duration,
    timezone: input.timezone,
    startWithinMs: input.start_within ?? null,
    cutoffMs: input.cutoff ?? Math.min(DEFAULT_CUTOFF_MS, input.duration / 2),
    freeze: input.freeze,
    line,
  }
}

function windowProblems(window: WindowConfig, node: TreeNode): Problem[] {
  const at = (key: string) => placeOf(node, [key]) ?? {}
  const problems: Problem[] = []
  if (window.cutoffMs >= window.durationMs) {
    problems.push({ ...at('cutoff'), message: 'the cutoff is as long as the window: no host could be admitted' })
  }
  if (opensBeforeItCloses(window)) {
    problems.push({ ...at('duration'), message: 'the window would open again before it closes: shorten `duration`' })
  }
  return problems
}

/** Judged on the openings of one fixed year (the first 120), so that the answer never depends on the day it is asked. */
function opensBeforeItCloses(window: WindowConfig): boolean {
  const yearStart = Date.UTC(2028, 0, 1)
  const openings = openingsBetween(window, yearStart, yearStart + 366 * 86_400_000, 120)
  return openings.some((opening, i) => i > 0 && opening - (openings[i - 1] ?? 0) < window.durationMs)
}
