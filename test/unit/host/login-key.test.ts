import { generateKeyPairSync } from 'node:crypto'
import ssh2 from 'ssh2'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors'
import { isEncrypted, loginMethod, parseLoginKey } from '../../../src/host/login-key'

const rsaPem = (type: 'pkcs1' | 'pkcs8', passphrase?: string) =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({
      type,
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString()
// Not Ed25519: one of 256 pairs that ssh2 makes of those cannot be read (mscdex/ssh2#1390).
const openssh = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
const locked = ssh2.utils.generateKeyPairSync('ecdsa', {
  bits: 256,
  passphrase: 'open sesame',
  cipher: 'aes256-ctr',
  rounds: 4,
})

const problemOf = (text: string, passphrase?: string): string => {
  try {
    parseLoginKey(text, passphrase)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'none'
}

describe('the private key', () => {
  it.each([
    ['OpenSSH', openssh.private, undefined],
    ['OpenSSH with a passphrase', locked.private, 'open sesame'],
    ['PEM (PKCS#1)', rsaPem('pkcs1'), undefined],
    ['PEM (PKCS#1) with a passphrase', rsaPem('pkcs1', 'p'), 'p'],
    ['PEM (PKCS#8)', rsaPem('pkcs8'), undefined],
    ['PEM (PKCS#8) with a passphrase', rsaPem('pkcs8', 'p'), 'p'],
  ])('is read as %s', (_, text, passphrase) => {
    expect(parseLoginKey(text, passphrase).isPrivateKey()).toBe(true)
    expect(isEncrypted(text)).toBe(passphrase !== undefined)
  })

  it('takes a passphrase that the key does not need', () => {
    expect(parseLoginKey(openssh.private, 'unused').type).toBe('ecdsa-sha2-nistp256')
  })

  it('says that a passphrase is missing, or wrong', () => {
    expect(problemOf(locked.private)).toContain('protected by a passphrase')
    expect(problemOf(locked.private, 'wrong')).toContain('passphrase is wrong')
    expect(problemOf(rsaPem('pkcs8', 'p'), 'wrong')).toContain('passphrase is wrong')
  })

  it('says that it is public, or no key', () => {
    expect(problemOf(openssh.public)).toContain('public key')
    expect(problemOf('hello')).toContain('not a private key')
    expect(problemOf(openssh.private.slice(0, 200))).toContain('not a private key')
  })

  it('is never quoted in an error', () => {
    const secret = locked.private.split('\n')[2] ?? 'none'
    for (const text of [locked.private, `${openssh.private.slice(0, 200)}${secret}`]) {
      expect(problemOf(text, 'wrong')).not.toContain(secret)
    }
  })

  it('H17: is never used for a SHA-1 signature', () => {
    const key = parseLoginKey(rsaPem('pkcs1'))
    expect(key.sign(Buffer.from('x'), 'sha1')).toBeInstanceOf(Error)
    expect(key.sign(Buffer.from('x'))).toBeInstanceOf(Error)
    expect(Buffer.isBuffer(key.sign(Buffer.from('x'), 'sha256'))).toBe(true)
  })

  it('comes before the agent; without both there is nothing to log in with', () => {
    expect(loginMethod({ privateKey: openssh.private, agentSocket: '/a' })).toHaveProperty('key')
    expect(loginMethod({ privateKey: ' \n', agentSocket: '/a' })).toEqual({ agentSocket: '/a' })
    expect(loginMethod({ agentSocket: '' })).toBeNull()
  })
})
