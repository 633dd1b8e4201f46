const NAMES: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;', '&#38;', '&#x26;'],
  '<': ['&lt;', '&#60;', '&#x3c;'],
  '>': ['&gt;', '&#62;', '&#x3e;'],
  '"': ['&quot;', '&#34;', '&#x22;'],
  "'": ['&#39;', '&apos;', '&#x27;', '&#039;'],
  '`': ['&#96;', '&#x60;'],
}
/** Characters that one escaper leaves as they are and another does not. */
const LEFT_ALONE: readonly string[] = ['', "'", '`', "'`", '"\'`']

/** A secret as it stands in HTML and XML: what must be escaped, in each usual way, or every character by its number. Pure. */
export function htmlForms(piece: string): readonly string[] {
  const named = LEFT_ALONE.flatMap((left) =>
    [0, 1, 2, 3].map((which) =>
      piece.replace(/[&<>"'`]/g, (c) => (left.includes(c) ? c : (NAMES[c]?.[which] ?? NAMES[c]?.[0] ?? c))),
    ),
  )
  const numbered = (write: (code: number) => string) => [...piece].map((c) => write(c.codePointAt(0) ?? 0)).join('')
  return [
    ...named,
    ...named.map((text) => text.replace(/&#x[0-9a-f]+;/g, (code) => `&#x${code.slice(3).toUpperCase()}`)),
    numbered((code) => `&#${code};`),
    numbered((code) => `&#x${code.toString(16)};`),
    numbered((code) => `&#x${code.toString(16).toUpperCase()};`),
  ]
}
