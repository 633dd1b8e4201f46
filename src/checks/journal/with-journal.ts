import type { Facts } from '../../facts/fact'
import type { Answer, Question } from '../../host/remote'
import type { CheckResult } from '../check'
import { bySeverity } from '../severity'
import { lastLines, linesIn } from './last-lines'
import { type JournalOf, journalsOf } from './units-of-check'

/** Checks of one host whose journals are read: the most severe ones. */
const MOST_CHECKS = 8

export interface JournalPlace {
  readonly ask: (questions: readonly Question[]) => Promise<readonly Answer[]>
  readonly mask: (text: string) => string
  readonly baseline: Facts | undefined
  readonly now: Facts
  /** How far back the messages may lie. */
  readonly seconds: number
}

/**
 * Every failed check with the last lines of the journal of its unit, all read in one round trip. Never rejects, and changes
 * no outcome: where nothing can be read the checks are as they were.
 */
export async function withJournal(checks: readonly CheckResult[], x: JournalPlace): Promise<readonly CheckResult[]> {
  const asked = [...checks]
    .filter((check) => check.outcome === 'fail')
    .sort(bySeverity)
    .map((check) => ({ check, of: journalsOf(check, x.baseline, x.now) }))
    .filter(({ of }) => of.length > 0)
    .slice(0, MOST_CHECKS)
  const all = new Map(asked.flatMap(({ of }) => of.map((one) => [keyOf(one), one] as const)))
  if (all.size === 0) return checks
  const questions = [...all].map(([key, one]) => lastLines(`journal ${key}`, one, x.seconds))
  const answers = await x.ask(questions).catch((): readonly Answer[] => [])
  const said = new Map([...all.keys()].map((key, i) => [key, linesIn(answers[i], x.mask)]))
  const told = new Map(asked.map(({ check, of }) => [check, of.flatMap((one) => said.get(keyOf(one)) ?? [])]))
  return checks.map((check) => {
    const journal = told.get(check) ?? []
    return journal.length === 0 ? check : { ...check, journal }
  })
}

const keyOf = ({ by, name }: JournalOf) => `${by} ${name}`
