import { describe, expect, it } from 'vitest'
import type { CheckOutcome, CheckResult } from '../../../src/checks/check'
import { type Probe, pass } from '../../../src/checks/probe'
import { type Look, type Round, type RoundsInput, verifyRounds, watchRounds } from '../../../src/engine/rounds'
import { ConnectError } from '../../../src/errors'
import { Facts, ok, type Result, unknown } from '../../../src/facts/fact'
import type { Unit } from '../../../src/facts/units'
import { decideGate } from '../../../src/gate/gate'
import { abortable } from '../../../src/host/abortable'
import { FakeClock } from '../../fixtures/fake-clock'
import { probeContext } from '../../fixtures/probe-context'

const APP: Unit = {
  id: 'app.service',
  load: 'loaded',
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  restarts: 0,
  mainPid: 100,
  result: 'success',
  type: 'simple',
  remainsAfterExit: false,
  isTransient: false,
  busName: '',
  triggeredBy: [],
  isWanted: true,
  conditionMet: true,
}
const BOOT: CheckResult = { id: 'builtin:boot', kind: 'builtin', outcome: 'pass', expected: 'a boot', actual: 'a boot' }
const withUnits = (...list: readonly Unit[]) => new Facts(new Map<string, Result<unknown>>([['units', ok(list)]]))
const STILL = withUnits(APP)

/** A probe with one letter a round: p(ass) f(ail) u(nknown) w(arn); the last letter stays. */
function scripted(letters: string, more: Partial<Probe> = {}): Probe & { readonly runs: number } {
  const words: Record<string, CheckOutcome> = { p: 'pass', f: 'fail', u: 'unknown', w: 'warn' }
  let runs = 0
  return {
    id: 'http:a',
    kind: 'http',
    expected: '200',
    timeoutMs: 1000,
    ...more,
    get runs() {
      return runs
    },
    async run() {
      const letter = letters[Math.min(runs, letters.length - 1)] ?? ''
      runs += 1
      return { outcome: words[letter] ?? 'unknown', actual: `round ${runs}` }
    },
  }
}

function setUp(probes: readonly Probe[], facts: (round: number) => Facts = () => STILL, baseline = STILL) {
  const clock = new FakeClock()
  const cancel = new AbortController()
  const rounds: Round[] = []
  let reads = 0
  const input: RoundsInput = {
    at: probeContext({ clock, signal: cancel.signal }),
    baseline,
    readFacts: async () => {
      reads += 1
      return facts(reads)
    },
    probes,
    judges: [],
    onRound: (round) => rounds.push(round),
  }
  return { clock, cancel, rounds, input }
}
const retry = { forMs: 60_000, everyMs: 2_000, passes: 3 }
const outcomes = (checks: readonly CheckResult[]) => Object.fromEntries(checks.map((c) => [c.id, c.outcome]))
const opens = (checks: readonly CheckResult[]) => decideGate(checks, { host: 'web-1', run: 'r', required: [] }).open

describe('rounds of verify', () => {
  it('passes after three clean rounds and one last sweep', async () => {
    const probe = scripted('p')
    const { input, rounds } = setUp([probe])
    const checks = await verifyRounds({ ...input, retry })
    expect(outcomes(checks)).toEqual({ 'http:a': 'pass', 'builtin:steady': 'pass' })
    expect(probe.runs).toBe(4)
    expect(rounds.map((round) => round.clean)).toEqual([true, true, true, true])
    expect(opens(checks)).toBe(true)
  })

  it('H31: one lucky poll does not pass: a failure in between begins the row again', async () => {
    const probe = scripted('fppfppp')
    const { input } = setUp([probe])
    expect(opens(await verifyRounds({ ...input, retry }))).toBe(true)
    expect(probe.runs).toBe('fppfppp'.length + 1)
  })

  it('an unknown round is no pass', async () => {
    const probe = scripted('ppuppp')
    const { input } = setUp([probe])
    await verifyRounds({ ...input, retry })
    expect(probe.runs).toBe(7)
  })

  it('the last sweep counts: what fails there does not pass', async () => {
    const probe = scripted('pppf')
    const { input } = setUp([probe])
    const checks = await verifyRounds({ ...input, retry: { ...retry, forMs: 0 } })
    expect(outcomes(checks)['http:a']).toBe('fail')
    expect(probe.runs).toBe(4)
  })

  it('a sweep that fails begins the row again while there is time', async () => {
    const probe = scripted('pppfp')
    const { input } = setUp([probe])
    expect(opens(await verifyRounds({ ...input, retry }))).toBe(true)
    expect(probe.runs).toBe(8)
  })

  it('ends with the failures of the last round when the time is over', async () => {
    const { input, clock, rounds } = setUp([scripted('f')])
    const checks = await verifyRounds({ ...input, retry })
    expect(opens(checks)).toBe(false)
    expect(checks[0]?.actual).toBe(`round ${rounds.length}`)
    expect(clock.monotonicMs()).toBe(60_000)
  })

  it('begins no row after the time is over, but lets a clean one end', async () => {
    const { input, clock } = setUp([scripted('p')])
    expect(opens(await verifyRounds({ ...input, retry: { ...retry, forMs: 1_000 } }))).toBe(true)
    expect(clock.monotonicMs()).toBe(6_000)
  })

  it('H31: a service that restarts between the rounds never passes, however well it answers', async () => {
    const looping = (round: number) => withUnits({ ...APP, restarts: round, mainPid: 100 + round })
    const { input } = setUp([scripted('p')], looping)
    const checks = await verifyRounds({ ...input, retry })
    expect(checks.find((c) => c.id === 'builtin:steady')).toMatchObject({
      outcome: 'fail',
      actual: expect.stringContaining('app.service was restarted'),
    })
    expect(opens(checks)).toBe(false)
  })

  it('H31: a restart between the last round and the sweep does not pass', async () => {
    const late = (round: number) => withUnits({ ...APP, mainPid: round >= 4 ? 200 : 100 })
    const { input } = setUp([scripted('p')], late)
    expect(opens(await verifyRounds({ ...input, retry: { ...retry, forMs: 0 } }))).toBe(false)
  })

  it('does not blame a service for a loop that was there before anything changed', async () => {
    const looping = (round: number) => withUnits({ ...APP, sub: 'auto-restart', active: 'activating', restarts: round })
    const { input } = setUp([scripted('p')], looping, looping(0))
    expect(opens(await verifyRounds({ ...input, retry }))).toBe(true)
  })

  it('facts that cannot be read are unknown, even where no judge asks for them', async () => {
    const { input } = setUp([scripted('p')], () => {
      throw new Error('the connection was lost')
    })
    const checks = await verifyRounds({ ...input, retry: { ...retry, forMs: 0 } })
    expect(outcomes(checks)).toMatchObject({ 'builtin:facts': 'unknown', 'builtin:steady': 'unknown' })
    expect(opens(checks)).toBe(false)
  })

  it('units that cannot be read are unknown', async () => {
    const unread = new Facts(new Map([['units', unknown('cut')]]))
    const { input } = setUp([scripted('p')], () => unread)
    const checks = await verifyRounds({ ...input, retry: { ...retry, forMs: 0 } })
    expect(outcomes(checks)['builtin:steady']).toBe('unknown')
  })

  it('asks no restart counter of a host without systemd', async () => {
    const openrc = new Facts(
      new Map<string, Result<unknown>>([
        ['units', unknown('the command is not on this host')],
        ['init-system', ok('openrc')],
      ]),
    )
    const { input } = setUp([scripted('p')], () => openrc)
    const checks = await verifyRounds({ ...input, retry })
    expect(outcomes(checks)).toEqual({ 'http:a': 'pass', 'builtin:steady': 'skipped' })
  })

  it('a judge that throws is unknown', async () => {
    const { input } = setUp([scripted('p')])
    const judge = {
      id: 'builtin:boot',
      judge: () => {
        throw new Error('bug')
      },
    }
    const checks = await verifyRounds({ ...input, judges: [judge], retry: { ...retry, forMs: 0 } })
    expect(checks.at(-1)).toMatchObject({ id: 'builtin:boot', kind: 'builtin', outcome: 'unknown' })
  })

  it('asks in the last sweep alone what costs too much for every round', async () => {
    const login = scripted('p', { id: 'builtin:login', isSweepOnly: true })
    const { input } = setUp([login, scripted('p')])
    const judge = { id: 'builtin:boot', isSweepOnly: true, judge: () => [BOOT] } as const
    const looks: string[] = []
    const readFacts = (signal: AbortSignal, look: Look) => {
      looks.push(look)
      return input.readFacts(signal, look)
    }
    const checks = await verifyRounds({ ...input, readFacts, judges: [judge], retry: { ...retry, passes: 3 } })
    expect(looks).toEqual(['pass', 'pass', 'pass', 'sweep'])
    expect(login.runs).toBe(1)
    expect(outcomes(checks)).toMatchObject({ 'builtin:login': 'pass', 'builtin:boot': 'pass', 'http:a': 'pass' })
  })

  it('begins the row again when the sweep fails, and never ends well without one', async () => {
    const login = scripted('fp', { id: 'builtin:login', isSweepOnly: true })
    const { input } = setUp([login, scripted('p')])
    const checks = await verifyRounds({ ...input, retry: { ...retry, passes: 1 } })
    expect(login.runs).toBe(2)
    expect(opens(checks)).toBe(true)
  })

  it('is never a pass when it is cancelled', async () => {
    const { input, cancel } = setUp([scripted('p')])
    const checks = await verifyRounds({
      ...input,
      onRound: (round) => round.number === 2 && cancel.abort(new Error('cancelled')),
      retry,
    })
    expect(outcomes(checks)['builtin:rounds']).toBe('unknown')
    expect(opens(checks)).toBe(false)
  })

  it('is never a pass when it is cancelled before it begins', async () => {
    const { input, cancel } = setUp([scripted('p')])
    cancel.abort(new Error('cancelled'))
    expect(opens(await verifyRounds({ ...input, retry }))).toBe(false)
  })
})

describe('the watch after go-live', () => {
  const silence = (signal: AbortSignal) => abortable(new Promise<never>(() => {}), signal)
  const watch = { watchMs: 20_000, everyMs: 2_000, silence }

  it('passes when every round is clean', async () => {
    const { input, clock } = setUp([scripted('p')])
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(true)
    expect(clock.monotonicMs()).toBe(20_000)
  })

  it('looks at least once, also with no time to watch', async () => {
    const probe = scripted('p')
    const { input } = setUp([probe])
    expect((await watchRounds({ ...input, ...watch, watchMs: 0 })).ok).toBe(true)
    expect(probe.runs).toBe(1)
  })

  it('forgives one failed look', async () => {
    const { input } = setUp([scripted('pfp')])
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(true)
  })

  it('ends on a sweep, also where a look takes longer than what is left of the watch', async () => {
    const late = scripted('p', { id: 'command:late', isSweepOnly: true })
    const { input, clock } = setUp([scripted('p'), late])
    const readFacts = async () => {
      await clock.sleep(25_000, input.at.signal)
      return STILL
    }
    expect((await watchRounds({ ...input, ...watch, readFacts })).ok).toBe(true)
    expect(late.runs).toBe(1)
  })

  it('ends at once when two rounds in a row fail', async () => {
    const probe = scripted('pff')
    const { input } = setUp([probe])
    const watched = await watchRounds({ ...input, ...watch })
    expect(watched.ok).toBe(false)
    expect(opens(watched.checks)).toBe(false)
    expect(probe.runs).toBe(3)
  })

  it('an unknown round is a failing one', async () => {
    const { input } = setUp([scripted('puu')])
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(false)
  })

  it('does not wait for a host that is lost: nothing heard in two rounds is a failure', async () => {
    const hangs: Probe = { ...scripted('p'), id: 'command:slow', timeoutMs: 60_000, run: () => new Promise(() => {}) }
    const { input, rounds } = setUp([scripted('p'), hangs])
    const lost = () => new Promise<Facts>(() => {})
    const falls = async () => Promise.reject(new ConnectError('the host did not answer'))
    const watched = await watchRounds({ ...input, ...watch, readFacts: lost, silence: falls })
    expect(watched.ok).toBe(false)
    expect(rounds).toHaveLength(2)
    // What was seen counts; what was not is unknown, at once, whatever time it may take by itself.
    expect(outcomes(watched.checks)).toMatchObject({ 'http:a': 'pass', 'command:slow': 'unknown' })
    expect(watched.checks.filter((c) => c.outcome === 'unknown').map((c) => c.actual)).toContain(
      'the host did not answer',
    )
  })

  it('waits for a slow check of a host that answers', async () => {
    let isAnswered = false
    const slow: Probe = {
      ...scripted('p'),
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, 30))
        isAnswered = true
        return pass('seen')
      },
    }
    const { input } = setUp([slow])
    expect((await watchRounds({ ...input, ...watch, watchMs: 0 })).ok).toBe(true)
    expect(isAnswered).toBe(true)
  })

  it('ends when a check fails every now and then', async () => {
    const { input } = setUp([scripted('pfpfpf')])
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(false)
  })

  it('does not end well on a failing round: it looks once more', async () => {
    const lastLookFails = scripted(`${'p'.repeat(10)}f`)
    const { input } = setUp([lastLookFails])
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(false)
    expect(lastLookFails.runs).toBe(12)
  })

  it('H31: sees a crash loop that is slower than two rounds', async () => {
    const looping = (round: number) => withUnits({ ...APP, restarts: Math.floor(round / 3) })
    const { input } = setUp([scripted('p')], looping)
    expect((await watchRounds({ ...input, ...watch })).ok).toBe(false)
  })

  it('is not well when it is cancelled', async () => {
    const { input, cancel } = setUp([scripted('p')])
    const watched = await watchRounds({ ...input, ...watch, onRound: () => cancel.abort() })
    expect(watched.ok).toBe(false)
    expect(opens(watched.checks)).toBe(false)
  })
})

describe('probes of one round', () => {
  it('run four at a time', async () => {
    let running = 0
    let most = 0
    const slow = (id: string): Probe => ({
      ...scripted('p', { id }),
      run: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 5))
        running -= 1
        return pass('seen')
      },
    })
    const { input } = setUp(Array.from({ length: 9 }, (_, i) => slow(`http:${i}`)))
    const checks = await verifyRounds({ ...input, retry: { ...retry, passes: 1 } })
    expect(most).toBe(4)
    expect(checks.map((c) => c.id).slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `http:${i}`))
  })
})
