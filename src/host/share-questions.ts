import type { Question } from './remote'

const USUAL_MS = 3

/**
 * Shares questions out among shells that answer at the same time, so that all are done at about the same time: the longest
 * first, each to the shell that has the least to do. Gives for each shell the places of its questions, in their order.
 */
export function shareQuestions(questions: readonly Question[], shells: number): readonly (readonly number[])[] {
  const costOf = (place: number) => questions[place]?.costMs ?? USUAL_MS
  const shares = Array.from({ length: shells }, () => ({ ms: 0, places: [] as number[] }))
  const longestFirst = questions.map((_, place) => place).sort((a, b) => costOf(b) - costOf(a) || a - b)
  for (const place of longestFirst) {
    const least = shares.reduce((one, other) => (other.ms < one.ms ? other : one))
    least.ms += costOf(place)
    least.places.push(place)
  }
  return shares.map(({ places }) => places.sort((a, b) => a - b))
}
