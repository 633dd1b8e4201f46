import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { bootId } from '../../../src/facts/boot-id'
import { clock } from '../../../src/facts/clock'
import { kernel } from '../../../src/facts/kernel'
import { readFacts } from '../../../src/facts/read'
import { sshdConfig } from '../../../src/facts/sshd-config'
import type { Answer, Question } from '../../../src/host/remote'

const signal = new AbortController().signal

function remote(answers: Record<string, Partial<Answer>>, rights: 'root' | 'none' = 'root') {
  const asked: string[][] = []
  return {
    asked,
    rights,
    ask: async (questions: readonly Question[]) => {
      asked.push(questions.map((question) => question.id))
      return questions.flatMap(({ id }) =>
        answers[id] ? [{ id, rc: 0, out: '', truncated: false, ...answers[id] }] : [],
      )
    },
  }
}

describe('readFacts', () => {
  it('asks everything in one round trip, and each fact once', async () => {
    const host = remote({ kernel: { out: '6.1.0-28-amd64 x86_64\n' } })
    await readFacts(host, [kernel, bootId, kernel], signal, systemClock)
    expect(host.asked).toEqual([['kernel', 'boot-id']])
  })

  it('does not send what needs root without root', async () => {
    const host = remote({}, 'none')
    const facts = await readFacts(host, [sshdConfig, kernel], signal, systemClock)
    expect(host.asked).toEqual([['kernel']])
    expect(facts.get(sshdConfig)).toEqual({ ok: false, why: 'needs root' })
  })

  it('asks nothing at all where nothing may be asked', async () => {
    const host = remote({}, 'none')
    await readFacts(host, [sshdConfig], signal, systemClock)
    expect(host.asked).toEqual([])
  })

  it('takes a cut answer for unknown, even with a good beginning', async () => {
    const out = '6.1.0-28-amd64 x86_64\n'
    for (const answer of [
      { out, truncated: true },
      { out, rc: null },
      { out, rc: 1 },
    ]) {
      const facts = await readFacts(remote({ kernel: answer }), [kernel], signal, systemClock)
      expect(facts.get(kernel).ok).toBe(false)
    }
  })

  it('takes a missing answer for unknown', async () => {
    const facts = await readFacts(remote({}), [kernel], signal, systemClock)
    expect(facts.get(kernel)).toEqual({ ok: false, why: 'no answer came' })
  })

  it('takes a parser that throws for unknown, and keeps the others', async () => {
    const throwing = {
      ...bootId,
      parse: () => {
        throw new Error('odd')
      },
    }
    const host = remote({ 'boot-id': { out: '' }, kernel: { out: '6.1.0-28-amd64 x86_64\n' } })
    const facts = await readFacts(host, [throwing, kernel], signal, systemClock)
    expect(facts.get(bootId)).toEqual({ ok: false, why: 'the answer could not be read: odd' })
    expect(facts.get(kernel).ok).toBe(true)
  })

  it('H28: counts as skew only what lies outside the time of asking', async () => {
    const skew = async (epochSeconds: number) => {
      const times = [1_000_000, 1_004_000]
      const facts = await readFacts(remote({ clock: { out: `${epochSeconds}\n` } }), [clock], signal, {
        now: () => new Date(times.shift() ?? 0),
      })
      const read = facts.get(clock)
      return read.ok ? read.value.skewSeconds : read.why
    }
    expect(await Promise.all([1000, 1002, 1004, 1064, 900].map(skew))).toEqual([0, 0, 0, 60, -100])
  })
})
