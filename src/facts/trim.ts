/** Without that character at its end. A regular expression for it begins anew at each of them. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === character) end -= 1
  return text.slice(0, end)
}

/** Without that character at its beginning. */
export function withoutLeading(text: string, character: string): string {
  let start = 0
  while (text[start] === character) start += 1
  return text.slice(start)
}
