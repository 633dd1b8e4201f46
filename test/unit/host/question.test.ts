import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { compileQuestions, parseAnswers } from '../../../src/host/question'
import type { Channel, Question } from '../../../src/host/remote'
import { HostSession } from '../../../src/host/session'
import { reviewed, sh } from '../../../src/shell/sh'
import {
  breakAfter,
  greetsOnly,
  hasShell,
  SHELLS,
  type ShellMachine,
  shellDialer,
  shellMachine,
} from '../../fixtures/shells'

const never = new AbortController().signal
const ask = (text: string, more: Partial<Question> = {}): Question => ({
  id: text.slice(0, 20),
  sh: reviewed(text),
  cap: 4 << 20,
  ...more,
})

/** Output that tries to be something else. NUL is left out: a shell drops it. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b.filter((x) => x !== 0))),
  fc
    .constantFrom('over\n', '1 5\nabcx0\n', 'x0', 'x0\n', '\n\n\n', 'x', ' x1', 'é\n', "'", '$(id)\n')
    .map((t) => Buffer.from(t)),
)

describe.each(SHELLS.filter(hasShell))('questions in %s', (shell) => {
  let machine: ShellMachine
  let session: HostSession
  beforeAll(async () => {
    machine = shellMachine(shell)
    const dialer = shellDialer(machine)
    session = await HostSession.open({ dialer, clock: systemClock, become: 'none', stateDir: null }, never)
  })
  afterAll(() => machine.dispose())

  it('are answered with the very bytes and the exit code, whatever is printed', async () => {
    const asked = fc.record({ bytes, rc: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 6 }), async (all) => {
        const questions = all.map(({ bytes: b, rc }, i) => {
          const path = join(machine.folder, `q${i}`)
          writeFileSync(path, b)
          return ask(`cat ${path}; exit ${rc}`)
        })
        const answers = await session.ask(questions, never)
        expect(answers.map((a) => a.rc)).toEqual(all.map((a) => a.rc))
        expect(answers.map((a) => a.out)).toEqual(all.map((a) => a.bytes.toString('utf8')))
        expect(answers.some((a) => a.truncated)).toBe(false)
      }),
      { numRuns: 15 },
    )
  })

  it('that print more than they may are unknown, and take no other with them', async () => {
    const [long, short] = await session.ask(
      [ask('head -c 5000 /dev/zero | tr "\\0" a', { cap: 4_096 }), ask('echo b')],
      never,
    )
    expect(long).toMatchObject({ rc: null, truncated: true })
    expect(long?.out).toHaveLength(4_096)
    expect(short).toMatchObject({ rc: 0, out: 'b\n' })
  })

  it('H40: that print without end are cut by the host when a person wrote them', async () => {
    const [endless, next] = await session.ask([ask('yes', { cap: 1_000, timeoutMs: 20_000 }), ask('echo b')], never)
    expect(endless).toMatchObject({ rc: null, truncated: true })
    expect(next).toMatchObject({ rc: 0, out: 'b\n' })
  })

  it('that hang are ended by the host when a person wrote them', async () => {
    const began = performance.now()
    const [hung] = await session.ask([ask('sleep 30', { timeoutMs: 1_000 })], never)
    expect(hung?.rc).not.toBe(0)
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  it('of a person get their environment, and arguments do not show it', async () => {
    const env = { PITSTOP_HOST: "we'b $1" }
    const text = `printf '%s|' "$PITSTOP_HOST"; tr '\\0' ' ' </proc/$$/cmdline`
    const [answer] = await session.ask([ask(text, { timeoutMs: 5_000, env })], never)
    expect(answer?.out).toMatch(/^we'b \$1\|/)
    expect(answer?.out.split('|').slice(1).join('|')).not.toContain("we'b")
  })

  it('cannot write past their frame: not by descriptors, not by standard error', async () => {
    const [first, second] = await session.ask([ask('echo out; echo noise >&2; echo forged >&5'), ask('echo b')], never)
    expect(first).toMatchObject({ out: expect.stringMatching(/^out\n/) })
    expect(first?.out).not.toContain('forged')
    expect(second).toMatchObject({ rc: 0, out: 'b\n' })
  })
})

it('questions whose answers were cut in the middle are asked once more', async () => {
  const machine = shellMachine('dash')
  // Channel 0 is the greeting; 1 breaks after the first answer, 2 and 3 break too.
  const tamper = (most: number) => (c: Channel, n: number) =>
    n === 0 ? greetsOnly(c) : n <= most ? breakAfter(c, 60) : c
  const cut = (most: number) => shellDialer(machine, tamper(most))
  const answered = async (most: number) => {
    const session = await HostSession.open(
      { dialer: cut(most), clock: systemClock, become: 'none', stateDir: null },
      never,
    )
    await pause(100)
    return session.ask([ask('echo a'), ask('printf %0100d 1')], never)
  }
  expect(await answered(1)).toMatchObject([{ rc: 0, out: 'a\n' }, { rc: 0 }])
  expect(await answered(2)).toMatchObject([{ rc: 0, out: 'a\n' }, { rc: null }])
  machine.dispose()
})

describe('answers', () => {
  const questions = [ask('a'), ask('b')]

  it.each([
    ['nothing', ''],
    ['half a head', '0 5'],
    ['half an answer', '0 9\nabc'],
    ['a frame that is longer than it says', '0 3\nax0zzz\n1 3\nbx0\n'],
    ['a frame without exit code', '0 1\na\n'],
    ['an exit code that is none', '0 6\nax9999\n'],
  ])('are unknown when %s came', (_, text) => {
    const [first] = parseAnswers(Buffer.from(text), questions)
    expect(first?.rc).toBeNull()
  })

  it('that came whole stand, though the next was cut', () => {
    const answers = parseAnswers(Buffer.from('0 3\nax0\n1 9\nbb'), questions)
    expect(answers).toMatchObject([{ rc: 0, out: 'a' }, { rc: null }])
  })

  it('H21: questions hold what they ask as one quoted word', () => {
    const text = compileQuestions([{ ...ask(''), sh: sh`printf %s ${"a'b; rm -rf /"}` }])
    expect(text).toContain("q 0 4194309 'printf %s '\\''a'\\''\\'\\'''\\''b; rm -rf /'\\'''")
  })
})
