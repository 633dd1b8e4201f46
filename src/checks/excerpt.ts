/** Controls (C0, C1, DEL), line separators, bidi and zero-width characters, lone surrogates: none of them is shown. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu

/** Text of a host or service on one line, at most `most` characters: fit for a sentence, still to be escaped where shown. */
export function cleanText(text: string, most: number): string {
  const flat = text
    .slice(0, most * 8)
    .replace(UNSHOWN, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  const characters = [...flat]
  return characters.length <= most ? flat : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`
}

/** The beginning of an answer, quoted; bytes that are no UTF-8 become `�`. Empty where nothing can be shown. */
export function excerpt(bytes: Uint8Array, most = 120): string {
  const text = cleanText(new TextDecoder('utf-8').decode(bytes.subarray(0, most * 16)), most)
  return text === '' ? '' : `"${text}"`
}
