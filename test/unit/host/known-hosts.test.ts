import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors'
import { hostKeyError, judgeKey, type KnownKeys, knownKeyTypes } from '../../../src/host/host-key'
import { fingerprint, keyTypeOf, linesFor, parseKnownHosts } from '../../../src/host/known-hosts'

/** A well-formed key blob; no one has its private half. */
function blob(type: string, seed: string): Buffer {
  const name = Buffer.from(type)
  const body = Buffer.alloc(32, seed)
  const length = (n: number) => {
    const b = Buffer.alloc(4)
    b.writeUInt32BE(n)
    return b
  }
  return Buffer.concat([length(name.length), name, length(body.length), body])
}

const ED = blob('ssh-ed25519', 'a')
const OTHER = blob('ssh-ed25519', 'b')
const RSA = blob('ssh-rsa', 'c')
const word = (key: Buffer) => `${keyTypeOf(key)} ${key.toString('base64')}`

function known(text: string, more: Partial<KnownKeys> = {}): KnownKeys {
  return { name: 'web-1', address: 'Web-1.example', port: 22, pins: [], lines: parseKnownHosts(text), ...more }
}
const judge = (text: string, key: Buffer, more: Partial<KnownKeys> = {}) => {
  const verdict = judgeKey(known(text, more), key)
  return verdict.trusted ? 'trusted' : verdict.why
}
const hashed = (name: string) => {
  const salt = Buffer.alloc(20, 7)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('known_hosts', () => {
  it.each([
    ['the plain name, in any case', `web-1.EXAMPLE ${word(ED)}`, 'trusted'],
    ['one of several names', `db,web-1.example,192.0.2.1 ${word(ED)}`, 'trusted'],
    ['a comment, tabs and CRLF', `# note\r\n\r\nweb-1.example\t${word(ED)} root@web\r\n`, 'trusted'],
    ['a wildcard', `*.example ${word(ED)}`, 'trusted'],
    ['a question mark', `web-?.example ${word(ED)}`, 'trusted'],
    ['a wildcard that does not reach', `*.example.com ${word(ED)}`, 'unknown'],
    ['a negated pattern', `*.example,!web-1.example ${word(ED)}`, 'unknown'],
    ['a hashed name', `${hashed('web-1.example')} ${word(ED)}`, 'trusted'],
    ['a hashed name of another host', `${hashed('web-2.example')} ${word(ED)}`, 'unknown'],
    ['a line of protocol 1', `web-1.example 1024 35 123456\nweb-1.example ${word(ED)}`, 'trusted'],
    ['another key of the same type', `web-1.example ${word(OTHER)}`, 'changed'],
    ['a key of another type only', `web-1.example ${word(RSA)}`, 'changed'],
    ['two keys, one of them right', `web-1.example ${word(RSA)}\nweb-1.example ${word(ED)}`, 'trusted'],
    ['nothing', '', 'unknown'],
    ['a revoked key', `@revoked web-1.example ${word(ED)}`, 'revoked'],
    ['a key revoked for all', `web-1.example ${word(ED)}\n@revoked * ${word(ED)}`, 'revoked'],
    ['another revoked key', `web-1.example ${word(ED)}\n@revoked * ${word(RSA)}`, 'trusted'],
    ['a certificate authority only', `@cert-authority *.example ${word(ED)}`, 'authority'],
    ['brackets that are no pattern', `[web-1.example]:22 ${word(ED)}`, 'unknown'],
  ])('with %s', (_, text, verdict) => {
    expect(judge(text, ED)).toBe(verdict)
  })

  it.each([
    ['[web-1.example]:2222', 'trusted'],
    [hashed('[web-1.example]:2222'), 'trusted'],
    ['[web-1.example]:2223', 'unknown'],
    // As OpenSSH reads it: "found matching key w/out port".
    ['web-1.example', 'trusted'],
    [hashed('web-1.example'), 'trusted'],
    ['web-2.example', 'unknown'],
    ['[*.example]:2222', 'trusted'],
  ])('knows port 2222 by %s: %s', (names, verdict) => {
    expect(judge(`${names} ${word(ED)}`, ED, { port: 2222 })).toBe(verdict)
  })

  it.each([
    ['another key under the plain name is that of port 22', `web-1.example ${word(OTHER)}`, [], 'unknown'],
    ['a pin decides beside it', `web-1.example ${word(OTHER)}`, [fingerprint(ED)], 'trusted'],
    [
      'a line of the port itself decides',
      `web-1.example ${word(ED)}\n[web-1.example]:2222 ${word(OTHER)}`,
      [],
      'changed',
    ],
  ])('on port 2222 %s', (_, text, pins, verdict) => {
    expect(judge(text, ED, { port: 2222, pins })).toBe(verdict)
  })

  it('asks for the key type that the plain name has, where no line has the port', () => {
    expect(knownKeyTypes(known(`web-1.example ${word(RSA)}`, { port: 2222 }))).toEqual(['ssh-rsa'])
  })

  it('keeps a key revoked that is revoked for another port', () => {
    const text = `[web-1.example]:2222 ${word(ED)}\n@revoked web-1.example ${word(ED)}`
    expect(judge(text, ED, { port: 2222 })).toBe('revoked')
  })

  it.each([
    ['pin only', '', [fingerprint(ED)], 'trusted'],
    ['one pin of two', '', [fingerprint(RSA), fingerprint(ED)], 'trusted'],
    ['wrong pin', '', [fingerprint(RSA)], 'changed'],
    ['pin and line agree', `web-1.example ${word(ED)}`, [fingerprint(ED)], 'trusted'],
    ['pin right, line wrong', `web-1.example ${word(RSA)}`, [fingerprint(ED)], 'disagree'],
    ['line right, pin wrong', `web-1.example ${word(ED)}`, [fingerprint(RSA)], 'disagree'],
    ['both wrong', `web-1.example ${word(RSA)}`, [fingerprint(OTHER)], 'changed'],
    ['pinned but revoked', `@revoked * ${word(ED)}`, [fingerprint(ED)], 'revoked'],
  ])('H17: %s', (_, text, pins, verdict) => {
    expect(judge(text, ED, { pins })).toBe(verdict)
  })

  it('makes the fingerprint that ssh-keygen prints', () => {
    const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64')
    expect(fingerprint(key)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
  })

  it('names the key types that are known, for the order in which they are asked for', () => {
    const text = `web-1.example ${word(RSA)}\nweb-1.example ${word(ED)}\nother ${word(OTHER)}\n@revoked * ${word(OTHER)}`
    expect(knownKeyTypes(known(text))).toEqual(['ssh-rsa', 'ssh-ed25519'])
  })

  it('reports every line that cannot be read, with its number', () => {
    const text = ['web ssh-ed25519 AAAA', 'ok', `@trusted web ${word(ED)}`, 'web ssh-rsa !!!', `|1|x ${word(ED)}`].join(
      '\n',
    )
    try {
      parseKnownHosts(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect((error as ConfigError).problems).toHaveLength(5)
      expect((error as ConfigError).message).toMatch(/line 1:[\s\S]*line 2:[\s\S]*line 3:[\s\S]*line 4:[\s\S]*line 5:/)
    }
  })

  it('does not let a damaged revoked line vanish', () => {
    expect(() => parseKnownHosts(`@revoked web ${word(ED).slice(0, -9)}`)).toThrow(ConfigError)
  })

  it('compares patterns in time that grows only with their length', () => {
    const lines = parseKnownHosts(`${'*a'.repeat(500)} ${word(ED)}`)
    const from = performance.now()
    expect(linesFor(lines, 'a'.repeat(499), 22)).toEqual([])
    expect(performance.now() - from).toBeLessThan(1_000)
  })

  it.each(['unknown', 'changed', 'disagree'] as const)('shows how to pin a key that is %s', (why) => {
    const error = hostKeyError(known(''), ED, why)
    expect(error.message).toContain(fingerprint(ED))
    expect(error.hint).toContain(`host_key: ["${fingerprint(ED)}"]`)
    expect(error.hint).toContain('node dist/cli.js pin --hosts web-1')
  })

  it('never advises to pin a revoked key', () => {
    expect(hostKeyError(known(''), ED, 'revoked').hint).not.toContain('host_key')
  })
})
