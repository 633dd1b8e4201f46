import { type ShellName, scriptPath } from './command'
import { interpreterOf } from './interpreter'
import type { HostConfig } from './schema'
import { COMMAND_KEYS } from './stage/command-keys'

/** One command of the file that applies to a host, and where it would run. */
export interface FileCommand {
  /** `stages.update.apps.0.run` */
  readonly path: string
  readonly text: string
  readonly shell: ShellName
  /** `host`, `runner` or a helper. */
  readonly on: string
}

/** Every command of the stages of a host. Keys that hold none, such as a stage called `drain`, are no text. */
export function fileCommands(host: Pick<HostConfig, 'stages'>): readonly FileCommand[] {
  return below(host.stages, 'stages')
}

function below(value: unknown, path: string): readonly FileCommand[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => below(item, `${path}.${i}`))
  if (typeof value !== 'object' || value === null) return []
  const item = new Map(Object.entries(value))
  const on = typeof item.get('on') === 'string' ? String(item.get('on')) : 'host'
  const shell = item.get('shell') === 'bash' ? 'bash' : 'sh'
  return [...item].flatMap(([key, inner]) =>
    typeof inner === 'string' && COMMAND_KEYS.has(key)
      ? [{ path: `${path}.${key}`, text: inner, shell, on }]
      : below(inner, `${path}.${key}`),
  )
}

/** Whether `sh` carries a pipe of it out, where a failure in the middle may go unseen. */
export function pipesInSh({ text, shell }: FileCommand, host: Pick<HostConfig, 'scripts'>): boolean {
  const path = scriptPath(text)
  const script = path === null ? undefined : host.scripts.get(path)?.text
  const outside = shell === 'sh' && hasPipe(text)
  return outside || (script !== undefined && interpreterOf(script, shell).shell === 'asks' && hasPipe(script))
}

// What may hold a bar and is no pipe: an escaped character, quoted text, a comment, the words of a `case`.
const NO_CODE = /\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|(?:^|(?<=[\s;&|(]))#[^\n]*|(?<=\bin|;;)\s*\(?[^()\n;&]*\)/g

/** A bar between two commands; `||` and `>|` are none. Text that is quoted may hold one that is carried out: not seen. */
function hasPipe(text: string): boolean {
  return /(?:^|[^|>])\|(?!\|)/.test(text.replace(NO_CODE, 'x'))
}
