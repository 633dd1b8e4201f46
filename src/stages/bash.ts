import { type FileCommand, fileCommands } from '../config/file-commands'
import type { Fact } from '../facts/fact'
import { shells } from '../facts/shells'
import type { ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import { ruleAt } from './rule'
import type { PhasePlan, StageInput } from './stage'

const LOOK_MS = 30_000

const inBash = (x: Pick<StageInput, 'host'>) => fileCommands(x.host).filter((one) => one.shell === 'bash')
/** The place as a step names it; placeholders were filled in with the stages. */
const elsewhere = (all: readonly FileCommand[]) => [...new Set(all.map(({ on }) => on).filter((on) => on !== 'host'))]

/** Asked only where a command of the file wants bash on the host itself. */
export function bashFacts(x: Pick<StageInput, 'host'>): readonly Fact<unknown>[] {
  return inBash(x).some(({ on }) => on === 'host') ? [shells] : []
}

/** `shell: bash` where there is none: refused while nothing is disturbed. Unknown is never yes. */
export function refuseWithoutBash(x: StageInput): PhasePlan | undefined {
  const first = inBash(x).find(({ on }) => on === 'host')
  if (first === undefined) return undefined
  const found = x.facts.get(shells)
  if (found.ok && found.value.bash) return undefined
  const path = first.path.replace(/\.[^.]+$/, '.shell')
  const reason = found.ok
    ? 'The file says "shell: bash", and this host has no bash; install it, or leave the key out'
    : `Whether this host has bash is unknown: ${found.why}`
  return { steps: [], stop: { reason, rule: ruleAt(x.host, path, 'bash') } }
}

/** The same for the runner and helpers, which are asked where they are. */
export function bashElsewhere(x: StageInput): readonly ShStep[] {
  return elsewhere(inBash(x)).map((place, i) => ({
    do: 'sh',
    id: `bash-${i + 1}`,
    title: `Look for bash on ${place}`,
    place,
    required: true,
    disruptive: false,
    changes: false,
    timeoutMs: LOOK_MS,
    run: sh`command -v bash >/dev/null || { echo ${'there is no bash, which "shell: bash" asks for'} >&2; exit 1; }`,
    output: 'text',
  }))
}
