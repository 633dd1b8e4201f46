import type { CheckResult } from '../checks/check'
import type { SshdConfig } from '../facts/sshd-config'
import { result } from './side-by-side'

/** Keyword and its values from the strictest to the weakest. */
const SCALES: Readonly<Record<string, readonly string[]>> = {
  permitrootlogin: ['no', 'forced-commands-only', 'prohibit-password', 'yes'],
  passwordauthentication: ['no', 'yes'],
  kbdinteractiveauthentication: ['no', 'yes'],
  permitemptypasswords: ['no', 'yes'],
  hostbasedauthentication: ['no', 'yes'],
  permituserenvironment: ['no', 'yes'],
  strictmodes: ['yes', 'no'],
  ignorerhosts: ['yes', 'shosts-only', 'no'],
}

/** Methods no new one of which may be offered: broken ciphers and digests. */
const WEAK: Readonly<Record<string, RegExp>> = {
  ciphers: /^(?:3des|arcfour|blowfish|cast128)|-cbc(?:@|$)/,
  macs: /md5|sha1(?:-|$)|ripemd|umac-64/,
  kexalgorithms: /sha1$|group1-/,
  hostkeyalgorithms: /^ssh-(?:rsa|dss)/,
}

/** sshd may not have become weaker: `sshd:permitrootlogin`, `sshd:ciphers` … Source: sshd_config(5). */
export function compareSshd(before: SshdConfig, now: SshdConfig): CheckResult[] {
  const scales = Object.entries(SCALES).flatMap(([keyword, scale]) => {
    const [was, is] = [before, now].map((config) => normal(config[keyword]?.[0]))
    if (was === undefined || is === undefined) return []
    const [wasRank, isRank] = [scale.indexOf(was), scale.indexOf(is)]
    if (was === is) return [result(`sshd:${keyword}`, 'pass', was, is)]
    // A value no scale knows cannot be called as strict as before.
    return [
      result(`sshd:${keyword}`, wasRank < 0 || isRank < 0 ? 'unknown' : isRank > wasRank ? 'fail' : 'warn', was, is),
    ]
  })
  const lists = Object.entries(WEAK).flatMap(([keyword, weak]) => {
    const [was, is] = [before, now].map((config) =>
      (config[keyword]?.[0] ?? '').split(',').filter((name) => weak.test(name)),
    )
    const fresh = (is ?? []).filter((name) => !was?.includes(name))
    return [
      result(`sshd:${keyword}`, fresh.length > 0 ? 'fail' : 'pass', 'no new weak method', fresh.join(',') || 'none'),
    ]
  })
  return [...scales, ...lists]
}

/** `without-password` is the older name of `prohibit-password`. */
function normal(value: string | undefined): string | undefined {
  return value === 'without-password' ? 'prohibit-password' : value
}
