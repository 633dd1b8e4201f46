/**
 * Whether `pattern` fits all of `text`. `*` stands for any text, nothing included. `?` stands for one character where
 * `question` says so; every other character stands for itself.
 *
 * Only the last `*` is ever tried again: an earlier one that took less can reach nothing that the last one cannot. So the
 * time is that of text × longest piece between two stars, whatever the pattern: no pattern can make it explode.
 */
export function matchesGlob(pattern: string, text: string, { question = false } = {}): boolean {
  let at = 0
  let place = 0
  /** Behind the last star, and where the text goes on that it did not take. */
  let star: { readonly next: number; rest: number } | null = null
  while (at < text.length) {
    if (pattern[place] === '*') star = { next: ++place, rest: at }
    else if (place < pattern.length && (pattern[place] === text[at] || (question && pattern[place] === '?'))) {
      place += 1
      at += 1
    } else if (star === null) return false
    else {
      place = star.next
      at = ++star.rest
    }
  }
  while (pattern[place] === '*') place += 1
  return place === pattern.length
}
