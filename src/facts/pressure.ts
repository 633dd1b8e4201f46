import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { fraction, linesOf } from './text'

/** Share of time, in percent over the last 60 seconds, in which some task, or all of them, waited. */
export interface Stall {
  readonly some: number
  /** null: the kernel does not say (processors on older kernels). */
  readonly full: number | null
}

export interface Pressure {
  readonly cpu: Stall
  readonly memory: Stall
  readonly io: Stall
}

/** Pressure stall information. Source: Documentation/accounting/psi.rst of the kernel. Absent on older or smaller kernels. */
export const pressure: Fact<Pressure> = {
  id: 'pressure',
  sh: sh`[ -r /proc/pressure/cpu ] || exit 127
for what in cpu memory io; do
  while IFS= read -r line; do printf '%s %s\\n' "$what" "$line"; done <"/proc/pressure/$what" || exit 1
done`,
  cap: 4_096,
  parse: onSuccess(parse),
}

function parse(out: string): Result<Pressure> {
  const [cpu, memory, io] = ['cpu', 'memory', 'io'].map((what) => stallOf(out, what))
  return cpu && memory && io ? ok({ cpu, memory, io }) : unknown('/proc/pressure is in an unknown form')
}

function stallOf(out: string, what: string): Stall | undefined {
  const share = (kind: string) => {
    const line = linesOf(out).find((one) => one.startsWith(`${what} ${kind} `))
    return fraction(/ avg60=([0-9.]+)/.exec(line ?? '')?.[1])
  }
  const some = share('some')
  return some === undefined ? undefined : { some, full: share('full') ?? null }
}
