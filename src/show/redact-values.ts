import { withoutControls } from './for-log'
import type { Redactor } from './redact'

/** What is written with these keys in records of ours is a word of ours, wherever it stands. */
const OUR_WORDS: Readonly<Record<string, ReadonlySet<string>>> = (() => {
  const outcomes = ['done', 'unchanged', 'skipped', 'failed', 'interrupted', 'pass', 'warn', 'fail', 'unknown']
  const verdicts = [
    'live',
    'rolled-back',
    'held',
    'untouched',
    'unreachable',
    'failed',
    'partial',
    'refused',
    'planned',
  ]
  return {
    stage: new Set(['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive']),
    mode: new Set(['run', 'plan', 'verify', 'recover', 'announce', 'finish']),
    verdict: new Set([...verdicts, 'announced']),
    reason: new Set(['none', 'too-early', 'missed', 'freeze', 'already-done', 'file', 'key', 'lease', 'event']),
    outcome: new Set(outcomes),
    isolation: new Set(['isolated', 'stopped', 'exposed']),
    state: new Set(['in', 'out', 'unknown']),
    act: new Set(['drained', 'undrained', 'read']),
    rights: new Set(['root', 'none']),
    kind: new Set(['finding', 'packages', 'pending', 'backup', 'reboot', 'check']),
    severity: new Set(['info', 'warn', 'block']),
    needed: new Set(['yes', 'no', 'unknown']),
    when: new Set(['baseline', 'after', 'monitor', 'verify', 'golive']),
  }
})()

/** The text as it may be told: a secret that was hidden by controls inside it is found too (mask, strip, mask). */
export function redactedText(text: string, redactor: Pick<Redactor, 'text' | 'holds'>): string {
  const masked = redactor.text(text)
  const stripped = withoutControls(masked)
  return stripped !== masked && redactor.holds(stripped) ? redactor.text(stripped) : masked
}

/**
 * A copy of plain data with every text in it masked. It is done before anything is serialised: in JSON a secret of digits, or
 * of quotes and commas, would take the form of the data with it. Names of keys are ours, but for those inside `facts`.
 */
export function redactValues<T>(value: T, redactor: Pick<Redactor, 'text' | 'holds'>): T {
  return redacted(value, { key: '', isOfHost: false }, redactor) as T
}

function redacted(
  value: unknown,
  at: { readonly key: string; readonly isOfHost: boolean },
  redactor: Pick<Redactor, 'text' | 'holds'>,
): unknown {
  if (typeof value === 'string') {
    const isOurs = !at.isOfHost && Object.hasOwn(OUR_WORDS, at.key) && OUR_WORDS[at.key]?.has(value) === true
    return isOurs ? value : redactedText(value, redactor)
  }
  if (Array.isArray(value)) return value.map((entry) => redacted(entry, at, redactor))
  if (typeof value !== 'object' || value === null) return value
  const isOfHost = at.isOfHost || at.key === 'facts'
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      isOfHost ? redactor.text(key) : key,
      redacted(entry, { key, isOfHost }, redactor),
    ]),
  )
}
