import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BetweenMarks } from '../../../src/host/between-marks'
import { bootCommand, envelope } from '../../../src/host/bootstrap'
import { hasShell, SHELLS, shellMachine } from '../../fixtures/shells'

/** What the payload printed, and nothing that came before or after it. */
function answer(stdout: Buffer, token: string): string {
  return new BetweenMarks(token).push(stdout).toString('utf8')
}

const run = (command: readonly string[], input: string) =>
  spawnSync(command[0] as string, [...command.slice(1)], { input, timeout: 20_000 })

describe('the boot command', () => {
  it('H20: a sudo password that nobody asked for is thrown away, whatever it holds', () => {
    const hostile = ['secret-word', 'echo pwned >&2; echo pwned', '@go', '$(echo pwned)', "'; echo pwned; '"]
    for (const password of hostile) {
      const { token, input } = envelope('echo payload')
      const { stdout, stderr, status } = run(['sh', '-c', bootCommand('none')], `${password}\n${input}`)
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
      // Cut before its size is known it is no payload at all, and the shell ends as it does when nobody asks any more.
      if (cut > input.indexOf('\n', input.indexOf('\n') + 1)) expect(status).toBe(64)
      expect(stdout.toString()).toBe('')
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

describe('one shell', () => {
  it('answers payload after payload: nothing of one is left for the next but the machine', () => {
    const asked = ['x=1; cd /; umask 000; exit 3', 'echo "$x|$(umask)"', 'cat; echo no input']
    const envelopes = asked.map((payload) => envelope(payload))
    // Each is sent only once the one before is answered: what reads a payload may take more than its bytes.
    const input = envelopes.map((e) => e.input).join('')
    const { stdout } = run(['sh', '-c', bootCommand('none')], input)
    const answers = envelopes.map((e) => {
      const marks = new BetweenMarks(e.token)
      return [marks.push(stdout).toString('utf8'), marks.code]
    })
    expect(answers).toEqual([
      ['', 3],
      ['|0077\n', 0],
      ['no input\n', 0],
    ])
  })
})

describe('an answer', () => {
  it('is what stands between its marks, however the stream is cut, also where something looks like a mark', () => {
    const token = 'a'.repeat(32)
    const likeness = [`\n@${token.slice(1)}x\n`, `#${token.slice(1)} 0\n`, '#', '\n', `#${token.slice(0, 9)}`]
    const bytes = fc
      .array(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.constantFrom(...likeness).map((text) => Buffer.from(text)),
        ),
      )
      .map((parts) => Buffer.concat(parts))
    fc.assert(
      fc.property(bytes, bytes, fc.nat(255), fc.integer({ min: 1, max: 20 }), (noise, body, rc, size) => {
        const stream = Buffer.concat([noise, Buffer.from(`\n@${token}\n`), body, Buffer.from(`#${token} ${rc}\nmore`)])
        const marks = new BetweenMarks(token)
        const parts: Buffer[] = []
        for (let at = 0; at < stream.length; at += size) parts.push(marks.push(stream.subarray(at, at + size)))
        return Buffer.concat(parts).equals(body) && marks.code === rc && marks.isOver
      }),
    )
  })

  it('is told as it comes: nothing is held back that cannot be the end', () => {
    const marks = new BetweenMarks('a'.repeat(32))
    marks.push(Buffer.from(`\n@${'a'.repeat(32)}\n`))
    expect(marks.push(Buffer.from('begin 0 1.00\n')).toString()).toBe('begin 0 1.00\n')
  })

  it('is not over while its exit code is cut', () => {
    const marks = new BetweenMarks('a'.repeat(32))
    marks.push(Buffer.from(`\n@${'a'.repeat(32)}\nhere#${'a'.repeat(32)} 1`))
    expect([marks.isOver, marks.code]).toEqual([false, null])
    marks.push(Buffer.from('2\n'))
    expect([marks.isOver, marks.code]).toEqual([true, 12])
  })
})
