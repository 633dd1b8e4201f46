import type { Mode } from '../journal/event'

/**
 * Which hosts a plan may log in to, and with whose connection facts (H4). `as-in-base`: only hosts whose address, user,
 * jump and pins are those of the base commit. `none`: nobody is contacted. Other modes always have `all`.
 */
export type Contact = 'all' | 'as-in-base' | 'none'

export type ModeChoice =
  | { readonly ok: true; readonly mode: Mode; readonly contact: Contact }
  | { readonly ok: false; readonly reason: 'event'; readonly sentence: string; readonly hint: string }

/** What started the run. `event: null`: the command line. */
export interface Trigger {
  readonly event: string | null
  readonly asked: Mode | 'auto'
  readonly ignoreWindow: boolean
}

const AUTO: Readonly<Record<string, Mode>> = {
  schedule: 'run',
  workflow_dispatch: 'run',
  repository_dispatch: 'run',
  pull_request: 'plan',
  push: 'plan',
  merge_group: 'plan',
}

/**
 * Events that only people who may write to the repository can cause: under these alone more than a plan is done. A called
 * workflow (`workflow_call`) sees the event of its caller, and that one is judged. Whatever is not in the list is refused:
 * GitHub adds events, and many of them (`issues`, `fork`, `watch` …) anybody can cause.
 */
const TRUSTED: readonly string[] = ['schedule', 'workflow_dispatch', 'repository_dispatch']

/** Whether nobody from outside can have caused the run. `event: null`: the command line. Pure. */
export function isTrusted(event: string | null): boolean {
  return event === null || TRUSTED.includes(event)
}

/** The event decides what `auto` means and what is refused. Pure. */
export function chooseMode(trigger: Trigger): ModeChoice {
  const { event, asked } = trigger
  const mode = asked === 'auto' ? autoMode(event) : asked
  if (mode === undefined) return refuseAuto(event)
  if (event !== null && mode !== 'plan' && !TRUSTED.includes(event)) {
    return refuse(
      `mode "${mode}" is refused under the event "${event}"`,
      `Start it by ${TRUSTED.join(', ')}, or from the command line. Under this event only \`mode: plan\` is possible.`,
    )
  }
  if (trigger.ignoreWindow && event !== null && event !== 'workflow_dispatch') {
    return refuse(
      `"ignore-window" is refused under the event "${event}"`,
      'Start the workflow by hand (workflow_dispatch) to work outside the window.',
    )
  }
  return { ok: true, mode, contact: mode === 'plan' ? planContact(event) : 'all' }
}

function autoMode(event: string | null): Mode | undefined {
  return event !== null && Object.hasOwn(AUTO, event) ? AUTO[event] : undefined
}

function refuseAuto(event: string | null): ModeChoice {
  if (event === null)
    return refuse('there is no event to choose a mode from', 'Name the mode: run, plan, verify or recover.')
  const known = Object.keys(AUTO).join(', ')
  return refuse(
    `the event "${event}" has no automatic mode`,
    `Name the mode in the step (\`mode: plan\`), or start it by one of ${known}.`,
  )
}

/** H4: a plan that anybody can cause logs in nowhere. */
function planContact(event: string | null): Contact {
  if (event === 'pull_request' || event === 'merge_group') return 'as-in-base'
  return event === 'push' || isTrusted(event) ? 'all' : 'none'
}

function refuse(sentence: string, hint: string): ModeChoice {
  return { ok: false, reason: 'event', sentence, hint }
}
