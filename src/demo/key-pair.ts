import ssh2 from 'ssh2'

export interface KeyPair {
  /** OpenSSH text. */
  readonly private: string
  /** `type base64 comment`. */
  readonly public: string
}

/**
 * A new key pair. ECDSA, since one of 256 Ed25519 pairs that ssh2 makes is read by nobody: it drops a public key's leading
 * zero bytes (mscdex/ssh2#1390).
 */
export function newKeyPair(comment: string): KeyPair {
  return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, comment })
}
