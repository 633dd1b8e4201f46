/** Marks of a distribution inside a kernel release: they count for the order, not for the flavour. */
const DISTRO_MARK = /^(?:el|fc|amzn|deb|bpo|arch|rpt|bp|lp|mga|oe)\d*(?:_\d+)*(?=uek|$)/

interface Split {
  readonly numbers: readonly number[]
  readonly flavour: string
}

/** `6.1.0-28-cloud-amd64` → 6, 1, 0, 28 and `cloud-amd64`; `5.14.0-362.8.1.el9_3.x86_64` → …, 9, 3 and `x86_64`. */
function split(release: string): Split | undefined {
  if (!/^\d{1,4}\.\d/.test(release) || release.length > 128) return undefined
  const numbers: number[] = []
  const flavour: string[] = []
  for (const token of release.split(/[-.+~]/).filter((part) => part !== '')) {
    const rest = flavour.length > 0 ? token : token.replace(/^\d+$/, '').replace(DISTRO_MARK, '')
    if (rest !== token) numbers.push(...(token.match(/\d+/g) ?? []).map(Number))
    if (rest !== '') flavour.push(rest)
  }
  return { numbers, flavour: flavour.join('-') }
}

/** Whether two releases are kernels of one kind, so that the newer replaces the older at the next boot. */
export function isSameFlavour(a: string, b: string): boolean {
  const left = split(a)
  const right = split(b)
  return left !== undefined && right !== undefined && left.flavour === right.flavour
}

/** Below 0: `a` is older than `b`. Releases that are no kernel release come first. */
export function compareReleases(a: string, b: string): number {
  const left = split(a)?.numbers ?? []
  const right = split(b)?.numbers ?? []
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}
