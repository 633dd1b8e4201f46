import { statSync } from 'node:fs'
import { join } from 'node:path'

export interface Misnamed {
  readonly message: string
  readonly nearest?: string
}

/** What may stand before the word that names what is run. */
const BEFORE = /^(?:[A-Za-z_]\w*=.*|-\S*|exec|env|sudo|nohup|(?:ba|da|a|k|z)?sh|python3?|perl|ruby|node|php)$/
const RELATIVE = /^[A-Za-z0-9_@%+,.-][A-Za-z0-9_@%+,./-]*$/

/**
 * A command that means a script beside the maintenance file without naming it as one: it would be sent as sh text to a host
 * that has no such file. Scripts are named `./x` as the first word. null: nothing of the kind.
 */
export function misnamedScript(folder: string, command: string): Misnamed | null {
  const words = command.trim().split(/\s+/)
  const at = words.findIndex((word) => !BEFORE.test(word))
  const word = words[at] ?? ''
  if (word.startsWith('../')) return outside(folder, word)
  if (!RELATIVE.test(word) || word.split('/').includes('..') || (at === 0 && word.startsWith('./'))) return null
  const path = word.replace(/^\.\//, '')
  if (!isFile(join(folder, path))) return null
  const message =
    at === 0
      ? `"${word}" lies beside this file and is not named as a script, so it would be looked for on the host`
      : `"${word}" lies beside this file: a script is the first word of a command, and its #! line says what runs it`
  return { message, nearest: `./${path}` }
}

function outside(folder: string, word: string): Misnamed {
  const own = word.split('/').at(-1) ?? ''
  return {
    message: `"${word}": a script lies beside the maintenance file or in a folder below it; ".." cannot be part of its path`,
    ...(RELATIVE.test(own) && isFile(join(folder, own)) ? { nearest: `./${own}` } : {}),
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
