import type { HostVerdict, RunVerdict } from '../../journal/event'

/** What notices say, in one language. Names are filled in by the caller, escaped for its channel. */
export interface NoticeWords {
  begun(name: string, hosts: number): string
  /** `host: null`: it may not be named. */
  held(name: string, host: string | null): string
  finished(name: string, verdict: RunVerdict): string
  reason(text: string): string
  call(owner: string): string
  readonly openRun: string
  readonly hosts: Readonly<Record<HostVerdict, string>>
}
