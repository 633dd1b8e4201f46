import type { Event, HostVerdict } from '../journal/event'
import { spokenDuration } from '../show/duration'
import { withoutControls } from '../show/for-log'

/** What each stage came to when it went well; the events say more where they can. */
const CAME_TO: Readonly<Record<string, string>> = {
  prepare: 'a backup, proved by restoring a sample of it',
  monitor: 'what runs and listens now, to be compared with afterwards',
  drain: 'the load balancer sends visitors to the other hosts',
  clean: 'old files are deleted',
  update: 'the new release is installed',
  golive: 'visitors are back, and the checks still pass',
}

const SIGN: Readonly<Record<HostVerdict, string>> = {
  live: '✓',
  held: '✗',
  'rolled-back': '✗',
  untouched: '–',
  unreachable: '✗',
}

/** The run as a short story for a terminal: one line a stage, as it ends. The whole log goes elsewhere. */
export class Story {
  readonly #say: (line: string) => void
  #stageBeganMs = 0
  #came: string | null = null
  /** The stage that failed has just said why. */
  #isExplained = false

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  take(event: Event): void {
    if (event.type === 'stage.begun') {
      this.#stageBeganMs = Date.parse(event.at)
      this.#came = null
    }
    this.#came = whatCameOf(event) ?? this.#came
    const line = this.#line(event)
    if (line !== null) this.#say(withoutControls(line).replaceAll('\n', ' '))
  }

  #line(event: Event): string | null {
    switch (event.type) {
      case 'wave.begun':
        this.#isExplained = false
        return `${event.hosts.join(', ')}${event.wave === 0 ? ' goes first, alone: the canary' : ''}`
      case 'stage.ended':
        return this.#stageLine(event)
      case 'host.ended':
        return `  ${SIGN[event.verdict]} ${event.verdict}${this.#isExplained ? '' : `: ${event.reason}`}`
      case 'warning':
        return `  ! ${event.sentence}`
      default:
        return null
    }
  }

  #stageLine({ stage, outcome, reason, at }: Extract<Event, { type: 'stage.ended' }>): string {
    const isGood = outcome === 'done' || outcome === 'unchanged'
    this.#isExplained = !isGood && reason !== null
    const told = isGood ? (this.#came ?? CAME_TO[stage] ?? '') : `${outcome}${reason === null ? '' : `: ${reason}`}`
    const took = spokenDuration(Date.parse(at) - this.#stageBeganMs).padStart(7)
    return `  ${isGood ? '✓' : '✗'} ${stage.padEnd(8)}${took}   ${told}`
  }
}

/** null: nothing that a stage would be told by. */
function whatCameOf(event: Event): string | null {
  if (event.type === 'round' && event.stage === 'verify')
    return event.failing.length === 0
      ? 'every check passes, the gate opens'
      : `does not pass: ${event.failing.join(', ')}`
  if (event.type !== 'observed' || event.what.kind !== 'packages') return null
  return event.what.changes.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', ')
}
