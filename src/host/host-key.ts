import { HostKeyError } from '../errors'
import { fingerprint, type KnownHostLine, keyTypeOf, knownHostName, linesFor, plainLinesFor } from './known-hosts'

/** What is known about the key of one host before it is met. */
export interface KnownKeys {
  readonly name: string
  readonly address: string
  readonly port: number
  /** Pins of the maintenance file, `SHA256:…`; empty: only known_hosts counts. */
  readonly pins: readonly string[]
  /** Every line of known_hosts; those of other hosts are passed over. */
  readonly lines: readonly KnownHostLine[]
}

export type KeyVerdict =
  | { readonly trusted: true }
  | {
      readonly trusted: false
      /** `authority`: known only by a certificate authority, which ssh2 cannot check. `disagree`: pins and known_hosts differ. */
      readonly why: 'unknown' | 'changed' | 'revoked' | 'authority' | 'disagree'
    }

/** Judges the key that a host presents. Pure. Where pins and known_hosts both know the host, both must match (H17). */
export function judgeKey(known: KnownKeys, key: Buffer): KeyVerdict {
  const lines = linesFor(known.lines, known.address, known.port)
  if (lines.some((l) => l.marker === 'revoked' && l.key.equals(key))) return refused('revoked')
  const plain = [
    ...lines.filter((l) => l.marker === 'plain'),
    ...plainLinesFor(known.lines, known.address, known.port).filter((l) => l.key.equals(key)),
  ]
  const inLines = plain.some((l) => l.key.equals(key))
  const pinned = known.pins.includes(fingerprint(key))
  const hasAuthority = lines.some((l) => l.marker === 'cert-authority')
  if (known.pins.length === 0 && plain.length === 0) return refused(hasAuthority ? 'authority' : 'unknown')
  if (known.pins.length === 0) return inLines ? { trusted: true } : refused('changed')
  if (plain.length === 0) return pinned ? { trusted: true } : refused('changed')
  if (inLines && pinned) return { trusted: true }
  return refused(inLines || pinned ? 'disagree' : 'changed')
}

function refused(why: Exclude<KeyVerdict, { trusted: true }>['why']): KeyVerdict {
  return { trusted: false, why }
}

/** Key types known_hosts has for the host, as written there; empty where only pins, or nothing, are known. */
export function knownKeyTypes(known: KnownKeys): readonly string[] {
  const { lines, address, port } = known
  const plain = [
    ...linesFor(lines, address, port).filter((l) => l.marker === 'plain'),
    ...plainLinesFor(lines, address, port),
  ]
  return [...new Set(plain.map((l) => l.keyType))]
}

const SENTENCES = {
  unknown: 'is not known: no line of known-hosts and no host_key pin speaks of it',
  changed: 'is not the known one: the machine was reinstalled, or somebody is in between',
  revoked: 'is marked @revoked in known-hosts',
  authority: 'is vouched for only by @cert-authority lines, which transport ssh cannot check',
  disagree: 'matches only one of known-hosts and host_key, and both know the host',
} as const

/** The error for a key that is not trusted; its hint shows what was presented, and how to pin it once it is confirmed. */
export function hostKeyError(known: KnownKeys, key: Buffer, why: keyof typeof SENTENCES): HostKeyError {
  const at = knownHostName(known.address, known.port)
  const shown = `${keyTypeOf(key)} ${fingerprint(key)}`
  return new HostKeyError(`${known.name}: the host key of ${at} ${SENTENCES[why]} (presented: ${shown})`, {
    hint: hintFor(known, key, why),
  })
}

function hintFor(known: KnownKeys, key: Buffer, why: keyof typeof SENTENCES): string {
  if (why === 'revoked') return 'the key must not be used again: give the host a new one'
  if (why === 'authority') return 'use transport: openssh for this host, or pin its key with host_key'
  return (
    `compare with \`ssh-keygen -l\` on the host itself; if it is the same, pin it: host_key: ["${fingerprint(key)}"], ` +
    `or add to known-hosts the line that \`node dist/cli.js pin --hosts ${known.name}\` prints`
  )
}
