import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fenced block of a document, with the line that it begins in. */
export interface Fence {
  readonly file: string
  readonly line: number
  readonly language: string
  readonly text: string
}

export const DOCUMENTS: readonly string[] = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

/** All fenced blocks of a document; those inside a list lose its indentation. */
export function fencesOf(file: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { line: number; indent: number; language: string; lines: string[] } | null = null
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const [, indent = '', language = ''] = /^( *)```(\w*)/.exec(line) ?? []
    const isFence = /^ *```/.test(line)
    if (open === null && isFence) open = { line: index + 1, indent: indent.length, language, lines: [] }
    else if (open !== null && isFence) {
      fences.push({ file, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` })
      open = null
    } else open?.lines.push(line.slice(open.indent))
  }
  if (open !== null) throw new Error(`${file}:${open.line}: the block has no end`)
  return fences
}
