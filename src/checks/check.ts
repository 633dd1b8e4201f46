export type CheckOutcome = 'pass' | 'warn' | 'fail' | 'unknown' | 'skipped'

/** One verification. `id` is `<kind>:<key>` (design 3.4); `actual` may carry host text: shown only through forLog and its kin. */
export interface CheckResult {
  readonly id: string
  readonly kind: string
  readonly outcome: CheckOutcome
  readonly expected: string
  readonly actual: string
  /** It differs from before, and the file said that it would (`expect_changes`): a pass that is not as before. */
  readonly expectedChange?: true
  /** Of a failed check: the last lines of the journal of its unit. Host text, masked. */
  readonly journal?: readonly string[]
}

const FROM_GOOD_TO_BAD: readonly CheckOutcome[] = ['skipped', 'pass', 'warn', 'unknown', 'fail']

export function isWorse(one: CheckOutcome, than: CheckOutcome): boolean {
  return FROM_GOOD_TO_BAD.indexOf(one) > FROM_GOOD_TO_BAD.indexOf(than)
}
