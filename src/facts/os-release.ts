import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { cut } from './text'

export interface OsRelease {
  /** `debian`, `ubuntu`, `alpine`, `rocky` … */
  readonly id: string
  /** What it is built like: `rhel`, `fedora`; empty for the originals. */
  readonly idLike: readonly string[]
  /** `12`, `24.04`; empty on rolling releases. */
  readonly versionId: string
  readonly prettyName: string
}

/** The distribution. Source: os-release(5). */
export const osRelease: Fact<OsRelease> = {
  id: 'os-release',
  sh: sh`for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] || continue
  while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$file"
  exit 0
done
exit 1`,
  cap: 16_384,
  parse: onSuccess(parse),
}

function parse(out: string): Result<OsRelease> {
  const values = new Map<string, string>()
  for (const line of out.split('\n')) {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim())
    if (match?.[1] !== undefined && match[2] !== undefined) values.set(match[1], unquote(match[2]))
  }
  const id = values.get('ID') ?? ''
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) return unknown('os-release has no usable ID')
  return ok({
    id,
    idLike: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => /^[a-z0-9._-]{1,64}$/.test(word)),
    versionId: cut(values.get('VERSION_ID') ?? '', 64),
    prettyName: cut(values.get('PRETTY_NAME') ?? id),
  })
}

/** Values are shell words: bare, in single quotes, or in double quotes with backslash escapes. */
function unquote(value: string): string {
  if (value.startsWith("'") && value.endsWith("'") && value.length > 1) return value.slice(1, -1)
  const inner = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value
  return inner.replaceAll(/\\(["$`\\])/g, '$1')
}
