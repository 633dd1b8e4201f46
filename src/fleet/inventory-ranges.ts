/** More hosts than this from one line are a mistake, not a fleet. */
const MAX_HOSTS_OF_A_LINE = 100_000

/** `web[01:10]`, `db[a:c]`, `n[0:10:2]`: the names one pattern stands for, or null when it is none we read. */
export function expandRange(pattern: string): readonly string[] | null {
  const [, head, range, tail] = /^([^[\]]*)\[([^[\]]*)\](.*)$/.exec(pattern) ?? []
  if (head === undefined || range === undefined || tail === undefined) return /[[\]]/.test(pattern) ? null : [pattern]
  const values = rangeValues(range)
  const tails = expandRange(tail)
  if (values === null || tails === null || values.length * tails.length > MAX_HOSTS_OF_A_LINE) return null
  return values.flatMap((value) => tails.map((rest) => `${head}${value}${rest}`))
}

function rangeValues(range: string): readonly string[] | null {
  const [from, to, step = '1', more] = range.split(':')
  if (from === undefined || to === undefined || more !== undefined || !/^[1-9]\d{0,5}$/.test(step)) return null
  if (/^\d{1,9}$/.test(from) && /^\d{1,9}$/.test(to)) return numbers(from, to, Number(step))
  if (/^[a-z]$/.test(from) && /^[a-z]$/.test(to)) return letters(from, to, Number(step))
  return null
}

function numbers(from: string, to: string, step: number): readonly string[] | null {
  const padded = from.length > 1 && from.startsWith('0')
  if (padded && from.length !== to.length) return null
  const count = Math.floor((Number(to) - Number(from)) / step) + 1
  if (count < 1 || count > MAX_HOSTS_OF_A_LINE) return null
  return Array.from({ length: count }, (_, i) =>
    String(Number(from) + i * step).padStart(padded ? from.length : 0, '0'),
  )
}

function letters(from: string, to: string, step: number): readonly string[] | null {
  const count = Math.floor((to.charCodeAt(0) - from.charCodeAt(0)) / step) + 1
  return count < 1 ? null : Array.from({ length: count }, (_, i) => String.fromCharCode(from.charCodeAt(0) + i * step))
}
