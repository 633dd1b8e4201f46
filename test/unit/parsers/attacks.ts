/** A part of a regular expression, in its order: some text that it matches, and whether it may come without end. */
interface Part {
  readonly sample: string
  readonly pumps: readonly string[]
}

/** So many kinds of a character are tried in a place; where one part goes over into the next they are among the first. */
const MOST_PUMPS = 6
const CANDIDATES = [...' aA1.-/:,=\t"\'\\@_[({|+%\r\n\u00a0é~#x0fb;!']

/**
 * Texts made to make an expression try again: what leads to a part that may come without end, that part over and over, and
 * an end that does not fit.
 */
export function attacksOn(source: string, flags: string): ((length: number) => string)[] {
  return alternativesOf(source).flatMap((one) => attacksOnOne(one, flags))
}

function attacksOnOne(source: string, flags: string): ((length: number) => string)[] {
  const parts = partsOf(source, flags)
  const attacks: ((length: number) => string)[] = []
  parts.forEach(({ pumps }, at) => {
    const lead = parts
      .slice(0, at)
      .map((part) => part.sample)
      .join('')
    for (const pump of pumps.filter((text) => text !== '').slice(0, MOST_PUMPS)) {
      for (const end of ['', '\u0001', 'a\r!']) attacks.push((length) => lead + pump.repeat(length / pump.length) + end)
    }
  })
  // One that may begin anywhere begins again and again.
  parts.forEach((_, at) => {
    const lead = parts
      .slice(0, at + 1)
      .map((part) => part.sample)
      .join('')
    if (lead !== '') for (const end of ['', '\u0001']) attacks.push((length) => lead.repeat(length / lead.length) + end)
  })
  return attacks
}

function partsOf(source: string, flags: string): Part[] {
  const parts: Part[] = []
  let at = 0
  while (at < source.length) {
    const atom = atomAt(source, at)
    at += atom.length
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at))?.[0] ?? ''
    at += quantifier.length
    const isEndless = /^(?:[*+]|\{\d+,\})/.test(quantifier) || Number(/,(\d+)/.exec(quantifier)?.[1] ?? 0) > 500
    const least =
      quantifier.startsWith('*') || quantifier.startsWith('?') ? 0 : Number(/^\{(\d+)/.exec(quantifier)?.[1] ?? 1)
    const inner = innerOf(atom)
    if (inner !== null) {
      const ways = alternativesOf(inner).map((one) => partsOf(one, flags))
      const samples = ways.map((way) => way.map((part) => part.sample).join(''))
      const own = isEndless ? samples : []
      // What is pumped inside of it, with what leads to it.
      for (const way of ways) parts.push(...way.map((part) => ({ sample: '', pumps: part.pumps })))
      parts.push({ sample: (samples[0] ?? '').repeat(least), pumps: own })
    } else {
      const fits = fitting(atom, flags)
      parts.push({ sample: (fits[0] ?? '').repeat(least), pumps: isEndless ? fits : [] })
    }
  }
  return parts
}

function atomAt(source: string, at: number): string {
  const rest = source.slice(at)
  if (rest.startsWith('\\'))
    return /^\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|p\{[^}]*\}|.)/.exec(rest)?.[0] ?? rest
  if (rest.startsWith('[')) return /^\[(?:\\.|[^\]\\])*\]/.exec(rest)?.[0] ?? rest
  if (!rest.startsWith('(')) return rest[0] ?? ''
  let depth = 0
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === '\\') i += 1
    else if (rest[i] === '[') i += atomAt(rest, i).length - 1
    else if (rest[i] === '(') depth += 1
    else if (rest[i] === ')' && --depth === 0) return rest.slice(0, i + 1)
  }
  return rest
}

/** Of a group; null: it is none. What only looks ahead or back takes nothing. */
function innerOf(atom: string): string | null {
  if (!atom.startsWith('(')) return null
  if (/^\(\?(?:[=!]|<[=!])/.test(atom)) return ''
  return atom.slice(0, -1).replace(/^\((?:\?:|\?<\w+>)?/, '')
}

function alternativesOf(source: string): string[] {
  const all: string[] = ['']
  for (let at = 0; at < source.length; ) {
    const atom = atomAt(source, at)
    at += atom.length
    if (atom === '|') all.push('')
    else all[all.length - 1] += atom
  }
  return all
}

function fitting(atom: string, flags: string): readonly string[] {
  if (atom === '^' || atom === '$' || atom === '\\b' || atom === '\\B') return ['']
  const one = new RegExp(`^(?:${atom})$`, flags.replace(/[gy]/g, ''))
  const itself = atom.length === 1 ? atom : atom.slice(1, 2)
  return [...new Set([itself, ...CANDIDATES])].filter((character) => one.test(character))
}
