declare const made: unique symbol

/** Shell text that only the `sh` template (or `script`) makes: a plain string does not fit where `Sh` is asked. */
export interface Sh {
  readonly text: string
  readonly [made]: true
}

/** One word for POSIX sh: single quotes, nothing inside them is special. @throws on NUL, which no argument can carry. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a NUL byte cannot be part of a shell word')
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !/^[=~]/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

type Piece = string | number | Sh | readonly string[]

function render(piece: Piece): string {
  if (typeof piece === 'string') return quote(piece)
  if (typeof piece === 'number') {
    if (!Number.isFinite(piece)) throw new Error(`${piece} cannot be part of a shell command`)
    return String(piece)
  }
  if ('text' in piece) return piece.text
  return piece.map(quote).join(' ')
}

/** sh`rm -f -- ${path}`: every interpolated string becomes one quoted word, a list several, an `Sh` is taken as it is. */
export function sh(literal: TemplateStringsArray, ...pieces: Piece[]): Sh {
  const text = literal.reduce((out, part, i) => out + part + (i < pieces.length ? render(pieces[i] as Piece) : ''), '')
  return trusted(text)
}

/** Commands one after the other, each on a line of its own. */
export function lines(...commands: readonly Sh[]): Sh {
  return trusted(commands.map((c) => c.text).join('\n'))
}

/** A command line that a person wrote in the maintenance file: reviewed shell text, taken as it stands. */
export function reviewed(commandLine: string): Sh {
  return trusted(commandLine)
}

function trusted(text: string): Sh {
  return { text } as Sh
}
