/** The word of `words` that a person most likely meant, or undefined when none is near. Letter case does not count. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().slice(0, 100)
  const limit = wanted.length < 4 ? 1 : Math.min(3, Math.ceil(wanted.length / 4))
  let best: { word: string; distance: number } | undefined
  for (const candidate of words) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { word: candidate, distance }
  }
  return best?.word
}

/** Of names made of words with dashes, the one that holds all words of `word`: `ssh-key` is near `ssh-private-key`. */
export function nearestByWords(word: string, names: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().split('-')
  const fits = [...names].filter((name) => wanted.every((part) => name.split('-').includes(part)))
  return fits.find((name) => name.split('-').at(-1) === wanted.at(-1)) ?? fits[0]
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + cost,
        swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
