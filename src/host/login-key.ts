import { createPrivateKey } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { ConfigError } from '../errors'
import { inputWord } from '../show/input-words'

/** What to log in with. Without key text the agent at `agentSocket` is asked. */
export interface Credentials {
  /** Text of the input `ssh-private-key`: OpenSSH or PEM. */
  readonly privateKey?: string
  readonly passphrase?: string
  /** Path of the agent's socket (SSH_AUTH_SOCK). */
  readonly agentSocket?: string
}

/** How to prove who we are: one key, or the keys of an agent. */
export type LoginMethod = { readonly key: ParsedKey } | { readonly agentSocket: string }

/** Null: there is nothing to log in with. @throws ConfigError for a key that cannot be read */
export function loginMethod({ privateKey, passphrase, agentSocket }: Credentials): LoginMethod | null {
  if (privateKey !== undefined && privateKey.trim() !== '') return { key: parseLoginKey(privateKey, passphrase) }
  return agentSocket === undefined || agentSocket === '' ? null : { agentSocket }
}

/**
 * Reads the private key once: decrypting takes a fifth of a second of computing, too long to do for each host.
 * @throws ConfigError that never quotes the key
 */
export function parseLoginKey(text: string, passphrase?: string): ParsedKey {
  const encrypted = isEncrypted(text)
  if (encrypted && (passphrase === undefined || passphrase === '')) {
    throw problem('the private key is protected by a passphrase', `set ${inputWord('passphrase')}`)
  }
  const key = read(text, encrypted ? passphrase : undefined)
  if (key === null) {
    throw encrypted
      ? problem(
          'the private key cannot be opened: the passphrase is wrong, or the key is damaged',
          `check ${inputWord('passphrase')}`,
        )
      : problem('the text is not a private key that can be read (OpenSSH or PEM)', CONVERT)
  }
  if (!key.isPrivateKey()) throw problem('the text is a public key', 'give the private half, the file without .pub')
  if (key.type === 'ssh-dss') throw problem('DSA keys are not accepted by any current server', 'make an ed25519 key')
  return withoutSha1(key)
}

const CONVERT = 'give the whole file, from BEGIN to END; `ssh-keygen -p -f FILE` converts it to the OpenSSH format'

function problem(message: string, hint: string): ConfigError {
  return new ConfigError([{ message: `${inputWord('privateKey')}: ${message}` }], { hint })
}

function read(text: string, passphrase: string | undefined): ParsedKey | null {
  const pem = fromPkcs8(text, passphrase)
  const parsed = pem === null ? ssh2.utils.parseKey(text, passphrase) : ssh2.utils.parseKey(pem)
  if (parsed instanceof Error) return null
  // OpenSSH's own format could hold several keys; it never has.
  return (Array.isArray(parsed) ? parsed[0] : parsed) ?? null
}

/** ssh2 does not read PKCS#8 ("BEGIN PRIVATE KEY"): Node does, for RSA and EC. Null: not PKCS#8, or not readable. */
function fromPkcs8(text: string, passphrase: string | undefined): string | null {
  if (!/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(text.trim())) return null
  try {
    const key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase })
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
    return null
  } catch {
    return null
  }
}

/** Told from the format alone, before anything is decrypted. */
export function isEncrypted(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text.trim()) || /^Proc-Type: 4,ENCRYPTED/m.test(text)) return true
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1]
  if (body === undefined) return false
  const blob = Buffer.from(body.replace(/\s+/g, ''), 'base64')
  const magic = Buffer.from('openssh-key-v1\0')
  if (!blob.subarray(0, magic.length).equals(magic) || blob.length < magic.length + 8) return false
  const length = blob.readUInt32BE(magic.length)
  return blob.toString('latin1', magic.length + 4, magic.length + 4 + length) !== 'none'
}

/** ssh2 signs RSA with SHA-1 for servers that announce nothing better (before OpenSSH 7.2): refused (H17). */
function withoutSha1(key: ParsedKey): ParsedKey {
  if (key.type !== 'ssh-rsa') return key
  // A new object over the parsed one: ssh2 knows its own keys by a property that is inherited this way.
  return Object.create(key, {
    sign: {
      value: (data: Buffer, algorithm?: string) =>
        algorithm === 'sha256' || algorithm === 'sha512'
          ? key.sign(data, algorithm)
          : new Error('the server accepts RSA keys with SHA-1 signatures only'),
    },
  }) as ParsedKey
}
