import type { Redactor } from './redact'

/** Longest line of host text in the log, in characters. */
const LONGEST_LOG_LINE = 2_000

/**
 * Text of a host as lines that are safe in a job log (H9): masked, without controls and direction marks, no workflow
 * command can come out of it, cut at 2,000 characters, every line with the name of its host.
 */
export function forLog(text: string, host: string | null, redactor: Redactor): readonly string[] {
  // Masked before and after: a control inside a secret would hide it, and a cut would leave half of it.
  const clean = redactor.text(withoutControls(redactor.text(text)))
  const lines = clean.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => prefix(host) + cutLine(withoutCommands(line)))
}

function prefix(host: string | null): string {
  return host === null ? '' : `${host} | `
}

const ESCAPE_SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
/** Marks that turn text around or show nothing: they make a line read as what it is not. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu

/** Printable text and line feeds only. CR ends a line on the runner, so here too; tabs become blanks. */
export function withoutControls(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', '    ')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '')
}

/** `##[` is a command anywhere in a line, `::` at its start or after a blank: both are broken by a blank. */
function withoutCommands(line: string): string {
  const broken = line.replace(/##(?=\[)/g, '# #')
  return /(?:^|\s)::/.test(broken) ? broken.replaceAll('::', ': :') : broken
}

function cutLine(line: string): string {
  if (line.length <= LONGEST_LOG_LINE) return line
  const characters = [...line]
  if (characters.length <= LONGEST_LOG_LINE) return line
  return `${characters.slice(0, LONGEST_LOG_LINE).join('')} … (${characters.length - LONGEST_LOG_LINE} more characters)`
}
