/** An error fit to show to a person without a stack: what happened, and what to do next (`hint`). */
export class MaintenanceError extends Error {
  readonly hint: string | undefined

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
  }
}

/** What happened and, where there is one, what to do next. */
export function sentenceOf(error: MaintenanceError): string {
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`
}

/** A place in the maintenance file (1-based). */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `stages.update.packages`, `hosts.web-1.port` */
  readonly path: string
}

export interface Problem extends Partial<Place> {
  readonly message: string
  /** The nearest right word, when one is near. */
  readonly nearest?: string
  /** The line of the file, and a caret below the place: for eyes that have a terminal. */
  readonly excerpt?: readonly [line: string, caret: string]
}

/** The maintenance file, an input or the command line is wrong: all problems at once. Exit 2. */
export class ConfigError extends MaintenanceError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options: { hint?: string } = {}) {
    super(problems.map((p) => describeProblem(p)).join('\n'), options)
    this.problems = problems
  }
}

/** The same, and below it the place in the file where that helps. */
export function problemLines(p: Problem): readonly string[] {
  return [describeProblem(p), ...(p.excerpt ?? []).map((line) => `    ${line}`)]
}

export function describeProblem(p: Problem): string {
  const where = p.file === undefined ? '' : `${p.file}:${p.line ?? 1}:${p.column ?? 1}: `
  const path = p.path ? `${p.path}: ` : ''
  return `${where}${path}${p.message}${p.nearest === undefined ? '' : `; did you mean "${p.nearest}"?`}`
}

/** The host could not be reached or the connection was lost for good: a person looks at network or host. */
export class ConnectError extends MaintenanceError {}

/** The host showed a key that is unknown, changed or revoked: never tried again. */
export class HostKeyError extends ConnectError {}

/** The host refused our key or login: never tried again. */
export class LoginRefused extends ConnectError {}

/** sudo was refused, or there is none. */
export class NoRootError extends MaintenanceError {}

/** Another run holds the lease. */
export class LockHeldError extends MaintenanceError {}
