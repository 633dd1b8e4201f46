import type { Rule } from '../stages/stage'

/** How a row of steps ended. Only `ok` is success. */
export type StepsEnd =
  | { readonly t: 'ok' }
  /** A required step failed, or the plan itself stopped. */
  | {
      readonly t: 'failed'
      readonly step: string
      readonly reason: string
      readonly rule?: Rule
      /** The machine of the step could not be had, or was lost in the middle; the host itself was not. */
      readonly unreached?: true
      /** It was refused before it began: the host goes on as it was, and may be verified. */
      readonly leftAsItWas?: true
    }
  /** The program is gone in the middle of `step`: whether it took effect is unknown. */
  | { readonly t: 'interrupted'; readonly step: string; readonly reason: string }
  /** A step that is never killed is over its time and goes on. */
  | { readonly t: 'overtime'; readonly step: string; readonly pid: number | null }
  | { readonly t: 'lost'; readonly why: string }
  | { readonly t: 'cancelled' }
  | { readonly t: 'lease-lost' }

/** One sentence for a person. */
export function describeEnd(end: StepsEnd): string {
  switch (end.t) {
    case 'ok':
      return 'done'
    case 'failed':
    case 'interrupted':
      return end.reason
    case 'overtime':
      return `still running, pid ${end.pid ?? 'unknown'}: ${end.step} is over its time and is never killed`
    case 'lost':
      return `the connection is lost: ${end.why}`
    case 'cancelled':
      return 'the run was cancelled'
    case 'lease-lost':
      return 'another run took the lease of the host'
  }
}
