import { createHash } from 'node:crypto'
import type { Problem } from '../errors'
import { scriptPath } from './command'
import { readConfinedFile } from './confined-file'
import type { Script } from './schema'
import { misnamedScript } from './script-words'
import { COMMAND_KEYS } from './stage/command-keys'
import { type TreeNode, walk } from './tree'

/** Scripts are sent whole with every program that runs them. */
const MAX_SCRIPT_BYTES = 1_048_576

/** Reads every `./script` that a command of these trees names, once each, from the folder of the maintenance file. */
export function readScripts(
  folder: string,
  trees: readonly TreeNode[],
): { readonly scripts: ReadonlyMap<string, Script>; readonly problems: readonly Problem[] } {
  const scripts = new Map<string, Script>()
  const problems: Problem[] = []
  for (const tree of trees) {
    for (const [path, node] of walk(tree)) {
      const command = COMMAND_KEYS.has(String(path.at(-1))) ? textOfCommand(node) : null
      if (command === null) continue
      const misnamed = misnamedScript(folder, command)
      if (misnamed !== null) problems.push({ ...(node.at ?? {}), ...misnamed })
      const script = scriptPath(command)
      if (script === null || scripts.has(script)) continue
      const read = readScript(folder, script)
      if (typeof read === 'string') problems.push({ ...(node.at ?? {}), message: `${script}: ${read}` })
      else scripts.set(script, read)
    }
  }
  return { scripts, problems }
}

function textOfCommand(node: TreeNode): string | null {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null
}

function readScript(folder: string, path: string): Script | string {
  if (!/^\.\/[A-Za-z0-9_@%+,./-]+$/.test(path))
    return 'the path of a script holds only letters, digits and _ @ % + , . / -'
  const read = readConfinedFile(folder, path, MAX_SCRIPT_BYTES)
  if (!read.ok) return read.why
  const text = textOf(read.bytes)
  if (text === undefined) return 'a script must be UTF-8 text without NUL bytes'
  return { path, text, sha256: createHash('sha256').update(read.bytes).digest('hex') }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
