import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'
import { cut, linesOf } from './text'

/** Effective settings of sshd by lower-case keyword; a keyword that stands more than once has all its values. */
export type SshdConfig = Readonly<Record<string, readonly string[]>>

/** Source: `sshd -T`, sshd(8): the settings outside of any Match block. */
export const sshdConfig: Fact<SshdConfig> = {
  id: 'sshd-config',
  costMs: 20,
  needs: 'root',
  sh: sh`"$(command -v sshd)" -T`,
  cap: 131_072,
  parse: onSuccess((out) => {
    const values = new Map<string, string[]>()
    for (const line of linesOf(out)) {
      const match = /^([a-z0-9]{2,64})(?: (.*))?$/.exec(line)
      if (match?.[1] === undefined) return unknown('sshd -T answered in an unknown form')
      const all = values.get(match[1]) ?? []
      all.push(cut(match[2] ?? '', 2048))
      values.set(match[1], all)
    }
    return values.has('port') ? ok(Object.fromEntries(values)) : unknown('sshd -T named no port')
  }),
}
