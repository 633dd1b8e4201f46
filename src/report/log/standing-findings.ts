import type { Event } from '../../journal/event'
import { standingSentence } from '../standing-sentence'

/** Findings that stood before are counted, and told with the end of their host. */
export class StandingFindings {
  readonly #since = new Map<string | null, Map<string, string>>()

  /** What is to be said now; null: nothing. */
  take(event: Event): string | null {
    if (event.type === 'observed' && event.what.kind === 'finding' && event.what.since !== undefined) {
      const { what, severity, since } = event.what
      const of = this.#since.get(event.host) ?? new Map<string, string>()
      if (severity === 'warn') this.#since.set(event.host, of.set(what, since))
      return null
    }
    const of = event.type === 'host.ended' ? this.#since.get(event.host) : undefined
    if (of === undefined) return null
    this.#since.delete(event.host)
    return standingSentence([...of.values()])
  }
}
