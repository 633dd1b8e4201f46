import type { Clock } from '../engine/clock'
import type { Remote } from '../host/remote'
import { type Asked, type Fact, Facts, type Result, unknown } from './fact'

/**
 * Reads facts in one round trip. Facts that need root are not sent without it; an answer that is cut, missing or in an
 * unknown form is unknown, never a default. Duplicates (by id) are asked once.
 * @param clock what the clock of the host is compared with
 * @throws ConnectError when the connection is lost; the reason of `signal` when it is aborted
 */
export async function readFacts(
  remote: Pick<Remote, 'ask' | 'rights'>,
  facts: readonly Fact<unknown>[],
  signal: AbortSignal,
  clock: Pick<Clock, 'now'>,
): Promise<Facts> {
  const results = new Map<string, Result<unknown>>()
  const wanted = [...new Map(facts.map((fact) => [fact.id, fact])).values()]
  const sent = wanted.filter((fact) => fact.needs !== 'root' || remote.rights === 'root')
  for (const fact of wanted) results.set(fact.id, unknown(sent.includes(fact) ? 'no answer came' : 'needs root'))
  if (sent.length === 0) return new Facts(results)
  const fromMs = clock.now().getTime()
  const answers = await remote.ask(
    sent.map(({ id, sh, cap, costMs }) => ({ id, sh, cap, ...(costMs === undefined ? {} : { costMs }) })),
    signal,
  )
  const asked: Asked = { fromMs, toMs: clock.now().getTime() }
  const byId = new Map(answers.map((answer) => [answer.id, answer]))
  for (const fact of sent) {
    const answer = byId.get(fact.id)
    if (answer?.truncated) results.set(fact.id, unknown(`the answer is longer than ${fact.cap} bytes`))
    else if (answer !== undefined) results.set(fact.id, parseAnswer(fact, answer.out, answer.rc, asked))
  }
  return new Facts(results)
}

/** Parsers are ours, but their input is hostile: one that throws makes its fact unknown, and no other. */
function parseAnswer(fact: Fact<unknown>, out: string, rc: number | null, asked: Asked): Result<unknown> {
  if (rc === null) return unknown('the answer was cut off')
  if (hasLongLine(out)) return unknown(`a line of the answer is longer than ${LINE_CHARS} characters`)
  try {
    return fact.parse(out, rc, asked)
  } catch (error) {
    return unknown(`the answer could not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Longer than any line that a fact prints: options of a mount, the longest of all, are a page of memory. */
const LINE_CHARS = 8_192

function hasLongLine(text: string): boolean {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    if ((end < 0 ? text.length : end) - from > LINE_CHARS) return true
    if (end < 0) return false
    from = end + 1
  }
  return false
}
