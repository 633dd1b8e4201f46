import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../fixtures/model/checked-scenes'
import { EVIL } from '../fixtures/model/forge'
import { modelStages } from '../fixtures/model/model-run'

const scene = checkedScenes()
const OLD = '00000000000000000000'

const command = (on: string) => ({
  command: { drain: EVIL, undrain: EVIL, state: EVIL, on, env: { PW: '${env:DB_PASSWORD}' } },
})
const plan = (on: string) => ({
  name: 'web-1',
  rollout: { on_failure: 'rollback' },
  scripts: [{ path: './x', text: EVIL, sha256: '' }],
  stages: {
    drain: { traffic: [command(on)], services: [{ name: 'app' }], before: [{ run: EVIL, on }], after: [] },
    update: {
      apps: [{ name: 'app', run: EVIL, rollback: EVIL }],
      before: [{ run: EVIL, on }],
      after: [{ run: EVIL, on }],
    },
    verify: { checks: [{ command: { run: EVIL, on } }] },
    golive: { before: [{ run: EVIL, on }] },
  },
})
const step = { id: 'packages.upgrade', title: 'x', required: true, disruptive: true, timeoutMs: 1_000, isLeft: true }
const note = (over: object) =>
  JSON.stringify({ v: 1, id: 'p-1', host: 'web-1', stage: 'drain', steps: [], build: '0.1.0', ...over })
const part = (name: string, over: object = {}) => ({
  kind: 'driver',
  name,
  digest: 'a'.repeat(32),
  isSecret: false,
  ...over,
})

/** What the owner of web-1's disk writes there: his note, beside a state that makes the next run look for it. */
const NOTES: readonly (readonly [string, string])[] = [
  ['a plan with a driver on the runner', note({ plan: plan('runner') })],
  ['a plan with a driver on db-1, which nobody selected', note({ plan: plan('db-1') })],
  ['a plan with a driver on web-1 itself', note({ plan: plan('host') })],
  ['a plan of this very version', note({ build: '99.0.0', plan: plan('runner') })],
  ['parts on the runner', note({ parts: [part('runner')] })],
  ['parts on db-1', note({ parts: [part('db-1')] })],
  ['a part on web-1 itself that wants a secret', note({ parts: [part('host'), part('host', { isSecret: true })] })],
  ['a part at a place that is a command', note({ parts: [part(`$(${EVIL})`)] })],
  ['an application that was never in the file', note({ parts: [{ ...part('evil'), kind: 'app' }] })],
  ['a program that is a way out of its folder', note({ id: '../../../etc/p-1' })],
  ['a step that is a way out of a folder', note({ steps: [{ ...step, id: 'x/../../../y' }] })],
  ['a step with a name of ours and a time without end', note({ steps: [{ ...step, timeoutMs: Number.MAX_VALUE }] })],
  ['a stage that is none', note({ stage: '__proto__' })],
  ['a run after a run after itself', note({ parts: [part('host')], after: OLD })],
  ['a run after one that is a path', note({ parts: [part('host')], after: '../../x' })],
  [
    'facts whose packages are commands',
    note({
      parts: [part('host')],
      facts: { 'package-transaction': { ok: true, value: { upgrades: [{ name: EVIL }] } } },
    }),
  ],
  [
    'facts that are no facts',
    note({ parts: [part('host')], facts: { upgradable: 7, 'package-manager': { ok: true, value: EVIL } } }),
  ],
  ['a hundred thousand steps', note({ steps: Array.from({ length: 100_000 }, () => step) })],
  ['a million brackets', `{"v":1,"plan":${'['.repeat(1_000_000)}`],
  ['no JSON at all', 'p-1'],
]

/** Attacks whose parts are elsewhere, and those that are no notes. */
const GONE = /driver on (the runner|db-1)|of this very version|^parts on|wants a secret/
const TORN = /a command$|way out|without end|is none$|is a path|hundred thousand|brackets|no JSON/

describe.each(NOTES)('H22: web-1 keeps a note with %s', (name, text) => {
  const STATES = [
    { drained: true, phase: 'drain' },
    { drained: true, touched: true, phase: 'update' },
    { drained: true, touched: true, phase: 'golive' },
    { phase: 'held' },
  ] as const

  it.each(STATES)(
    'nothing happens elsewhere, no secret is asked for, and the others are maintained (%j)',
    async (state) => {
      const s = scene([
        { name: 'web', hosts: ['web-1'], stages: modelStages() },
        { name: 'db', hosts: ['db-1', 'db-2'], stages: modelStages() },
      ])
      const { disk } = s.host('web-1')
      disk.setState({ ...state, run: OLD })
      s.host('web-1').isIn = false
      disk.forgedNotes.set(OLD, [`p-1\npitstop 1 ${OLD} p-1 ${s.host('web-1').bootId} 0.00\n${text}\n`])
      const began = performance.now()
      const seen = await s.run({ selected: ['web-1', 'db-2'] })
      expect(performance.now() - began).toBeLessThan(10_000)
      expect(s.host('db-1').disk.programs.size).toBe(0)
      expect(seen.of('db-2').verdict).toBe('live')
      expect(['held', 'live', 'untouched']).toContain(seen.of('web-1').verdict)
      // The note was read, and it is by what it says that the host is held.
      const why = GONE.test(name) ? /no longer names/ : TORN.test(name) ? /torn, forged/ : /^/
      expect(seen.of('web-1').reason).toMatch(why)
      expect(JSON.stringify(seen.events)).not.toContain('DB_PASSWORD')
    },
  )
})

describe('H22: how long the maintenances of web-1 took, by its own word,', () => {
  it.each(['9'.repeat(300), '-1', 'NaN', '1e999', '$(id)'])(
    'keeps no other host from its admission (%s)',
    async (line) => {
      const s = scene({ hosts: ['web-1', 'web-2'], rollout: { max_failures: 9 } })
      s.host('web-1').disk.durations = Array.from({ length: 50 }, () => line as unknown as number)
      const admission = (host: { readonly name: string }, usualMs: number | null) =>
        usualMs !== null && usualMs > 3_600_000
          ? ({ open: false, reason: `${host.name} takes too long`, rule: null } as const)
          : ({ open: true } as const)
      const seen = await s.run({ admission })
      expect(['live', 'untouched']).toContain(seen.of('web-1').verdict)
      expect(seen.of('web-2').verdict).toBe('live')
    },
  )
})
