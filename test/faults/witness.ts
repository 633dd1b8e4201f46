/** One line that a host wrote by itself, when a command of the file ran there or it booted. */
export interface Witness {
  /** Seconds since the machine started. */
  readonly at: number
  readonly boot: string
  /** Run id; `-` where no run did it. */
  readonly run: string
  /** `hook.<stage>`, `app`, `smoke`, `boot`, `traffic.out`, `traffic.in` */
  readonly what: string
  /** Behind `traffic.*` on the balancer: the host it was about. */
  readonly about: string | null
}

/** @throws for a line that no witness of ours wrote */
export function parseWitness(text: string): readonly Witness[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at = '', boot = '', run = '', what = '', about] = line.split(' ')
      if (!/^\d+(\.\d+)?$/.test(at) || what === '') throw new Error(`no line of a witness: ${line}`)
      return { at: Number(at), boot, run, what, about: about ?? null }
    })
}

/** Seconds in which something is so; `to` is Infinity where it never ended. */
export interface Span {
  readonly from: number
  readonly to: number
}

const CHANGES: ReadonlySet<string> = new Set(['hook.clean', 'hook.update', 'app'])
const PASSES = 2

/** From the first change of a host to the second check in a row that passed on it: nobody knows whether it is fit. */
export function unverifiedSpans(lines: readonly Witness[]): readonly Span[] {
  const spans: Span[] = []
  let from: number | null = null
  let passes = 0
  for (const { at, what } of lines) {
    if (CHANGES.has(what)) from ??= at
    if (CHANGES.has(what) || what === 'boot') passes = 0
    if (what === 'smoke') passes += 1
    if (from === null || passes < PASSES) continue
    spans.push({ from, to: at })
    from = null
  }
  return from === null ? spans : [...spans, { from, to: Number.POSITIVE_INFINITY }]
}

/** From the first change of a host to the verification that starts its services, in view of users, where only they are stopped. */
export function stoppedSpans(lines: readonly Witness[]): readonly Span[] {
  const spans: Span[] = []
  let from: number | null = null
  for (const { at, what } of lines) {
    if (CHANGES.has(what)) from ??= at
    if (what !== 'hook.verify' || from === null) continue
    spans.push({ from, to: at })
    from = null
  }
  return from === null ? spans : [...spans, { from, to: Number.POSITIVE_INFINITY }]
}
