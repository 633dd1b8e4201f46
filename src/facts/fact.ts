import type { Sh } from '../shell/sh'

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const unknown = (why: string): Result<never> => ({ ok: false, why })

/** When the runner asked and when it had the answer, by its own clock, in milliseconds since 1970. */
export interface Asked {
  readonly fromMs: number
  readonly toMs: number
}

/** One thing to know about a host: a read-only command and a pure parser. The command starts no daemon and changes nothing. */
export interface Fact<T> {
  /** kebab-case, unique. */
  readonly id: string
  /** Without root the fact is `unknown("needs root")` and the command is not sent. */
  readonly needs?: 'root'
  readonly sh: Sh
  /** Most bytes that are taken; more is `unknown`. */
  readonly cap: number
  /** About how long it takes on a small host, in ms, where that is much: facts are shared out among shells by it. */
  readonly costMs?: number
  readonly parse: (out: string, rc: number, asked?: Asked) => Result<T>
}

/** What was read from one host at one moment. A fact that was not asked for is unknown, never a default. */
export class Facts {
  readonly #results: ReadonlyMap<string, Result<unknown>>

  constructor(results: ReadonlyMap<string, Result<unknown>> = new Map()) {
    this.#results = results
  }

  get<T>(fact: Fact<T>): Result<T> {
    return (this.#results.get(fact.id) as Result<T> | undefined) ?? unknown(`${fact.id} was not read`)
  }

  /** The value, or `fallback` where the fact is unknown. Only for what is shown; decisions look at `get`. */
  or<T>(fact: Fact<T>, fallback: T): T {
    const r = this.get(fact)
    return r.ok ? r.value : fallback
  }

  /** These facts with `newer` laid over them. */
  with(newer: Facts): Facts {
    return new Facts(new Map([...this.#results, ...newer.#results]))
  }

  /** For the baseline on the host and the report: plain JSON by fact id. */
  toJSON(): Record<string, Result<unknown>> {
    return Object.fromEntries(this.#results)
  }

  static fromJSON(json: Record<string, Result<unknown>>): Facts {
    return new Facts(new Map(Object.entries(json)))
  }
}
