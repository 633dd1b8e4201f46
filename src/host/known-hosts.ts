import { createHash, createHmac } from 'node:crypto'
import { ConfigError, type Problem } from '../errors'
import { matchesGlob } from '../glob/glob'

/** One line of known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
  readonly marker: 'plain' | 'revoked' | 'cert-authority'
  /** As written: a comma list of patterns, or one `|1|salt|hash` name. */
  readonly names: string
  /** `ssh-ed25519`, `rsa` keys as `ssh-rsa`, … */
  readonly keyType: string
  /** The raw key blob. */
  readonly key: Buffer
  /** 1-based, in the text that was given. */
  readonly line: number
}

const MARKERS = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'cert-authority'],
] as const)

/**
 * Reads known_hosts text. Comments, empty lines, CRLF and lines of SSH protocol 1 (which no server speaks) are passed over.
 * @throws ConfigError for every line that cannot be read: a damaged `@revoked` line must not vanish silently.
 */
export function parseKnownHosts(text: string): readonly KnownHostLine[] {
  const problems: Problem[] = []
  const parsed: KnownHostLine[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const result = parseLine(line, index + 1)
    if (typeof result === 'string') problems.push({ message: `known-hosts line ${index + 1}: ${result}` })
    else if (result !== null) parsed.push(result)
  }
  if (problems.length > 0) {
    throw new ConfigError(problems, { hint: 'paste the lines as `ssh-keyscan` or `node dist/cli.js pin` print them' })
  }
  return parsed
}

/** The line; null where it is to be passed over; a sentence where it cannot be read. */
function parseLine(line: string, number: number): KnownHostLine | null | string {
  const words = line.split(/[ \t]+/)
  const first = words[0] ?? ''
  const marker = first.startsWith('@') ? MARKERS.get(first as '@revoked') : 'plain'
  if (marker === undefined) return `unknown marker ${first.slice(0, 40)}`
  const [names, keyType, base64] = marker === 'plain' ? words : words.slice(1)
  if (names === undefined || keyType === undefined || base64 === undefined) return 'expected: hosts key-type base64'
  if (/^\d+$/.test(keyType) && /^\d+$/.test(base64)) return null
  if (names.startsWith('|') && !/^\|1\|[A-Za-z0-9+/]+=*\|[A-Za-z0-9+/]+=*$/.test(names))
    return 'the hashed name is damaged'
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return 'the key is not base64'
  const key = Buffer.from(base64, 'base64')
  if (keyTypeOf(key) !== keyType) return `the key is not of type ${keyType.slice(0, 60)}`
  return { marker, names, keyType, key, line: number }
}

/** The type that a raw key blob names itself (its first string, RFC 4253 6.6); empty when it is no key blob. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return ''
  const length = key.readUInt32BE(0)
  return length <= key.length - 4 && length <= 64 ? key.toString('latin1', 4, 4 + length) : ''
}

/** `SHA256:` and unpadded base64, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/={1,2}$/, '')}`
}

/** The name a host bears in known_hosts: lower case, `[host]:port` where the port is not 22. */
export function knownHostName(address: string, port: number): string {
  return port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`
}

/** Lines that speak of the host. A line with a matching `!pattern` never does. */
export function linesFor(lines: readonly KnownHostLine[], address: string, port: number): readonly KnownHostLine[] {
  const name = knownHostName(address, port)
  return lines.filter((l) => {
    // A revoked key stays revoked for the host whatever port it listens on: the plain name counts too.
    if (l.marker === 'revoked' && matches(l.names, address.toLowerCase())) return true
    return matches(l.names, name)
  })
}

/**
 * Lines of the plain name, for a host on another port that no line of its own speaks of. OpenSSH takes a key that matches
 * one of them; one that does not says nothing, as it may be that of port 22.
 */
export function plainLinesFor(
  lines: readonly KnownHostLine[],
  address: string,
  port: number,
): readonly KnownHostLine[] {
  if (port === 22 || linesFor(lines, address, port).some((l) => l.marker !== 'revoked')) return []
  return lines.filter((l) => l.marker === 'plain' && matches(l.names, address.toLowerCase()))
}

function matches(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name)
  let found = false
  for (const pattern of names.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!')
    // As OpenSSH reads them: `*` and `?`, and brackets are literal.
    if (!matchesGlob(negated ? pattern.slice(1) : pattern, name, { question: true })) continue
    if (negated) return false
    found = true
  }
  return found
}

function matchesHash(names: string, name: string): boolean {
  const [, , salt, hash] = names.split('|')
  const mac = createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
    .update(name)
    .digest('base64')
  return mac === hash
}
