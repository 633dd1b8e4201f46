import { describe, expect, it } from 'vitest'
import { verifyRounds } from '../../../src/engine/rounds'
import { Facts } from '../../../src/facts/fact'
import { decideGate } from '../../../src/gate/gate'
import { verify, verifyChecks } from '../../../src/stages/verify'
import { FakeClock } from '../../fixtures/fake-clock'
import { hostConfig } from '../../fixtures/host-config'
import { probeContext } from '../../fixtures/probe-context'

const input = (stages: Parameters<typeof hostConfig>[0] = {}) => ({
  host: hostConfig(stages),
  runId: 'r',
  rebooted: 'no' as const,
  pausedUnits: [],
  activeBefore: [],
})
const BUILTINS = ['builtin:login', 'builtin:packages', 'builtin:units', 'builtin:boot', 'builtin:services']

describe('what a host is verified by', () => {
  it('has the five built-in checks on a host nobody described', () => {
    expect(verifyChecks(input()).required).toEqual(expect.arrayContaining(BUILTINS))
  })

  it('keeps the built-in checks when the file switches compare and security off', () => {
    const { required, judges } = verifyChecks(input({ stages: { verify: { compare: false, security: false } } }))
    expect(required).toEqual(expect.arrayContaining(BUILTINS))
    expect(judges.map((judge) => judge.id)).not.toContain('compare:baseline')
    expect(judges.map((judge) => judge.id)).not.toContain('security:baseline')
  })

  it('asks for every declared check', () => {
    const checks = [
      { http: { url: 'http://{address}:8080/' } },
      { tcp: { port: 5432 } },
      { service: { name: 'app' } },
      { command: { run: './smoke.sh', name: 'smoke' } },
    ]
    const { required } = verifyChecks(input({ stages: { verify: { checks } } }))
    expect(required).toEqual(
      expect.arrayContaining(['http:http://192.0.2.11:8080/', 'tcp:localhost:5432', 'service:app', 'command:smoke']),
    )
  })

  it('skips the comparison, and says so, where no baseline is stored', () => {
    const { judges } = verifyChecks(input())
    const checks = judges
      .filter((judge) => judge.id.endsWith(':baseline'))
      .flatMap((judge) => judge.judge({ baseline: undefined, before: undefined, now: new Facts() }))
    expect(checks.map((check) => [check.id, check.outcome, check.actual])).toEqual([
      ['compare:baseline', 'skipped', 'no baseline is stored'],
      ['security:baseline', 'skipped', 'no baseline is stored'],
    ])
  })

  it('starts the services before anything is verified', () => {
    expect(verify.phases.map((phase) => phase.name)).toEqual(['start-services'])
  })

  it('shuts the gate of a host of which nothing could be read, though it lets us in', async () => {
    const verification = verifyChecks(input())
    const context = probeContext()
    const checks = await verifyRounds({
      ...verification,
      at: { ...context, clock: new FakeClock(), remote: { ...context.remote, freshLogin: async () => undefined } },
      baseline: new Facts(),
      readFacts: async () => new Facts(),
      retry: { forMs: 0, everyMs: 1, passes: 1 },
      onRound: () => undefined,
    })
    const outcome = Object.fromEntries(checks.map((check) => [check.id, check.outcome]))
    expect(outcome['builtin:login']).toBe('pass')
    for (const id of ['builtin:packages', 'builtin:units', 'builtin:boot']) expect(outcome[id]).toBe('unknown')
    expect(decideGate(checks, { host: 'web-1', run: 'r', required: verification.required }).open).toBe(false)
    expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length)
  })
})
