/** Compares two Debian versions: below, equal or above 0. The rules of deb-version(7), `~` sorts before everything. */
export function compareDebianVersions(a: string, b: string): number {
  const left = split(a)
  const right = split(b)
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  )
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':')
  const rest = version.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** Turns of non-digits and digits, each compared in its own way. */
function compareParts(a: string, b: string): number {
  const left: string[] = a.match(/\D+|\d+/g) ?? []
  const right: string[] = b.match(/\D+|\d+/g) ?? []
  if (/^\d/.test(left[0] ?? '')) left.unshift('')
  if (/^\d/.test(right[0] ?? '')) right.unshift('')
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order =
      i % 2 === 0 ? compareText(left[i] ?? '', right[i] ?? '') : compareNumbers(left[i] ?? '0', right[i] ?? '0')
    if (order !== 0) return order
  }
  return 0
}

function compareText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = weight(a[i]) - weight(b[i])
    if (order !== 0) return order
  }
  return 0
}

/** `~` before the end, the end before letters, letters before everything else. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256
}

function compareNumbers(a: string, b: string): number {
  const left = BigInt(a)
  const right = BigInt(b)
  return left < right ? -1 : left > right ? 1 : 0
}
