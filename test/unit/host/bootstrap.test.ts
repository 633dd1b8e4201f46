import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AfterToken, bootCommand, envelope } from '../../../src/host/bootstrap'
import { hasShell, SHELLS, shellMachine } from '../../fixtures/shells'

/** What the payload printed, after everything that came before it is thrown away. */
function answer(stdout: Buffer, token: string): string {
  return new AfterToken(token).push(stdout).toString('utf8')
}

const run = (command: readonly string[], input: string) =>
  spawnSync(command[0] as string, [...command.slice(1)], { input, timeout: 20_000 })

describe('the boot command', () => {
  it('H20: a sudo password that nobody asked for is thrown away, whatever it holds', () => {
    const hostile = ['secret-word', 'echo pwned >&2; echo pwned', '@go', '$(echo pwned)', "'; echo pwned; '"]
    for (const password of hostile) {
      const { token, input } = envelope('echo payload', password)
      const { stdout, stderr, status } = run(['sh', '-c', bootCommand('none')], input)
      expect([status, answer(stdout, token)]).toEqual([0, 'payload\n'])
      expect(`${stdout}${stderr}`).not.toContain('pwned')
      expect(`${stdout}${stderr}`).not.toContain(password.length > 3 ? password : '\0')
    }
  })

  it('H20: the password goes to sudo only by standard input, never as an argument', () => {
    expect(bootCommand('sudo-password')).toMatch(/^sudo -k -S -p "" sh -c /)
    expect(bootCommand('sudo')).toMatch(/^sudo -n sh -c /)
  })

  it('runs nothing of a payload that did not come whole', () => {
    const { input } = envelope('echo one; echo two')
    for (const cut of [input.length - 1, input.length - 40, input.indexOf('echo'), 10, 0]) {
      const { stdout, status } = run(['sh', '-c', bootCommand('none')], input.slice(0, cut))
      expect(status).not.toBe(0)
      expect(stdout.toString()).not.toContain('one')
    }
  })

  it('holds no character that csh or fish read differently between single quotes', () => {
    const inside = /'(.*)'$/s.exec(bootCommand('none'))?.[1] ?? ''
    expect(inside).not.toBe('')
    expect(inside.replaceAll('\\012', '')).not.toMatch(/['!\n\\]/)
  })

  it.each(SHELLS.filter(hasShell))(
    'runs the payload in a known locale and keeps files for their owner, in %s',
    (shell) => {
      const machine = shellMachine(shell)
      try {
        const { token, input } = envelope('echo "$LC_ALL $(umask)"')
        const { stdout } = spawnSync('sh', ['-c', bootCommand('none')], {
          input,
          env: { PATH: machine.path },
          timeout: 20_000,
        })
        expect(answer(stdout, token)).toMatch(/^C 0*77\n$/)
      } finally {
        machine.dispose()
      }
    },
  )
})

describe('what comes before the token', () => {
  it('is dropped however the stream is cut, also where it looks like a token', () => {
    const token = 'a'.repeat(32)
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 1, max: 20 }),
        (noise, body, size) => {
          const stream = Buffer.concat([noise, Buffer.from(`\n@${token.slice(1)}x\n@${token}\n`), body])
          const after = new AfterToken(token)
          const parts: Buffer[] = []
          for (let at = 0; at < stream.length; at += size) parts.push(after.push(stream.subarray(at, at + size)))
          return Buffer.concat(parts).equals(Buffer.from(body))
        },
      ),
    )
  })
})
