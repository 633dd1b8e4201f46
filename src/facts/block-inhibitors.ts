import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { cut, linesOf } from './text'

/** Something that asks the host not to shut down now. All fields are host text. */
export interface Inhibitor {
  readonly who: string
  readonly why: string
}

/**
 * Locks of kind `block` on shutdown; those of kind `block-weak` do not stand against root. Read from the files of logind, as its own tool prints a table for people; the named
 * pipes beside them must not be opened, or the reader would hang. Source: systemd-inhibit(1).
 */
export const blockInhibitors: Fact<readonly Inhibitor[]> = {
  id: 'block-inhibitors',
  sh: sh`for file in /run/systemd/inhibit/*; do
  case $file in *.ref) continue ;; esac
  [ -f "$file" ] && [ -r "$file" ] || continue
  echo inhibitor
  while IFS= read -r line; do printf '%s\\n' "$line"; done <"$file"
done
exit 0`,
  cap: 131_072,
  parse: onSuccess((out) => ok(out.split(/^inhibitor$/m).flatMap(inhibitorOf))),
}

function inhibitorOf(text: string): Inhibitor[] {
  const value = (key: string) =>
    linesOf(text)
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? ''
  if (value('MODE') !== 'block' || !value('WHAT').split(':').includes('shutdown')) return []
  return [{ who: cut(value('WHO'), 128), why: cut(value('WHY'), 256) }]
}
