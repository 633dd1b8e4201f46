import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { LeasedMachine } from '../../../src/host/machine'
import { formatNote, type ProgramNote, parseNotes } from '../../../src/host/program-note'
import type { WireItem } from '../../../src/host/remote'
import { HostSession } from '../../../src/host/session'
import { hasShell, SHELLS, type ShellMachine, shellDialer, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const never = new AbortController().signal
const note = (id: string): ProgramNote => ({
  v: 1,
  id,
  host: 'web-1',
  stage: 'update',
  steps: [
    { id: 'work', title: 'Work\n"for" a while', required: true, disruptive: false, timeoutMs: 60_000, isLeft: true },
  ],
  build: '0.0.0',
})

describe.each(SHELLS.filter(hasShell))('what a program says of itself in %s', (shell) => {
  let machine: ShellMachine
  beforeAll(() => {
    machine = shellMachine(shell)
  })
  afterAll(() => machine.dispose())

  async function open(run: string): Promise<LeasedMachine> {
    const options = { dialer: shellDialer(machine), clock: systemClock, become: 'none', stateDir: null } as const
    const session = await HostSession.open({ ...options, stateDir: join(machine.folder, 'state') }, never)
    return new LeasedMachine({ session, run, url: '-', secret: () => '', ownLock: true, checkPath: false })
  }

  it('is found by a later run, which follows a living program though its lease is over, and has the lease at its end', async () => {
    await using dead = await open('r1')
    expect(await dead.takeLease(never)).toMatchObject({ t: 'taken' })
    const steps = [shStep('work', 'echo begun; sleep 2; echo ended')]
    const isAtWork = new Promise<void>((resolve) => {
      const program = { id: 'update-3', steps, state: {}, note: formatNote(note('update-3')) }
      void dead.run(program, (item) => item.t === 'live' && resolve(), never)
    })
    await isAtWork
    // Ten minutes without a renewal, as far as the machine can tell: nobody is there to renew for the program.
    const lease = join(machine.folder, 'state/lease')
    writeFileSync(lease, readFileSync(lease, 'utf8').replace(/^ttl=.*$/m, 'ttl=0'))

    await using next = await open('r2')
    const alive = await next.takeLease(never)
    expect(alive).toMatchObject({ t: 'alive', dir: join(next.stateDir, 'runs/r1/update-3') })
    const found = await next.readNotes('r1', never)
    const value = [{ ...note('update-3'), run: 'r1', ageS: expect.any(Number), isBeforeBoot: false }]
    expect(found).toEqual({ ok: true, value })
    expect(found.ok && found.value[0]?.ageS).toBeLessThan(60)
    const items: WireItem[] = []
    expect(await next.attach('r1', { id: 'update-3', steps }, (item) => items.push(item), never)).toEqual({ t: 'over' })
    expect(items.flatMap((i) => (i.t === 'end' ? [i.result.outcome] : []))).toEqual(['done'])
    expect(items.flatMap((i) => (i.t === 'live' ? [i.text] : [])).join('')).toBe('begun\nended\n')
    expect(await next.takeLease(never)).toMatchObject({ t: 'taken' })
    expect(await next.releaseLease(never)).toBe('ok')
  })

  it('promise 6: one whose folder says another name, or whose text is none, makes all of them unknown', async () => {
    await using dead = await open('r4')
    expect(await dead.takeLease(never)).toMatchObject({ t: 'taken' })
    const program = (id: string, text: string) => ({ id, steps: [shStep('work', ':')], state: {}, note: text })
    await dead.run(program('drain-1', formatNote(note('drain-1'))), () => undefined, never)
    expect(await dead.readNotes('r4', never)).toMatchObject({ ok: true, value: [{ id: 'drain-1' }] })
    await dead.run(program('drain-2', formatNote(note('../../r1/update-3'))), () => undefined, never)
    expect(await dead.readNotes('r4', never)).toMatchObject({ ok: false })
  })

  it('of a run that nobody knows is nothing, and a name that is a way out of the folder is none', async () => {
    await using next = await open('r3')
    expect(await next.readNotes('never-was', never)).toEqual({ ok: true, value: [] })
    expect(await next.readNotes('../../etc', never)).toEqual({ ok: true, value: [] })
    expect(await next.readNotes('', never)).toEqual({ ok: true, value: [] })
  })
})

const BOOT = 'b1'
const head = (boot: string) => `pitstop 1 r1 update-3 ${boot} 100.50`
const read = (out: string) => parseNotes({ rc: 0, out, truncated: false }, 'r1')
const whole = (line: string, first = head(BOOT), folder = 'update-3') =>
  `160.5 ${BOOT}\n${folder}\n${first}\n${line}\nend\n`

describe('notes', () => {
  const line = formatNote(note('update-3'))
  const only = (out: string) => {
    const notes = read(out)
    return notes.ok ? notes.value[0] : undefined
  }

  it('tell since when a program works, by the uptime of the host', () => {
    expect(only(whole(line))).toMatchObject({ ageS: 60, isBeforeBoot: false })
    expect(only(whole(line, head('b2')))).toMatchObject({ ageS: null, isBeforeBoot: true })
  })

  it('of a program that never began say nothing, whatever they are', () => {
    expect(read(whole('torn', ''))).toEqual({ ok: true, value: [] })
  })

  it('that are cut off anywhere are unknown, never fewer', () => {
    const text = whole(line)
    for (let length = 0; length < text.length; length++) expect(read(text.slice(0, length)).ok).toBe(false)
  })

  it('are unknown where the answer has another end than that of the question', () => {
    expect(parseNotes({ rc: null, out: whole(line), truncated: false }, 'r1').ok).toBe(false)
    expect(parseNotes({ rc: 4, out: whole(line), truncated: false }, 'r1').ok).toBe(false)
    expect(parseNotes({ rc: 0, out: whole(line), truncated: true }, 'r1').ok).toBe(false)
  })

  const step = note('update-3').steps[0]
  const forged = (over: object) => JSON.stringify({ ...note('update-3'), ...over })
  it.each([
    '',
    '{',
    'null',
    '{"v":2}',
    '[]',
    line.slice(0, -1),
    line.replace('"v":1', '"v":9'),
    forged({ host: 'web-1; id' }),
    forged({ stage: 'golive/../..' }),
    forged({ steps: [{ ...step, id: '../../x' }] }),
    forged({ steps: [{ ...step, id: 'Work' }] }),
    forged({ steps: [{ ...step, id: 'a'.repeat(101) }] }),
    forged({ steps: [{ ...step, timeoutMs: 1e300 }] }),
    forged({ steps: Array.from({ length: 501 }, () => step) }),
    forged({ after: '../r0' }),
    forged({ parts: [{ kind: 'driver', name: '$(id)', digest: null, isSecret: false }] }),
    forged({
      plan: { stages: { drain: { traffic: [{ command: { on: 'a b' } }], services: [] }, update: { apps: [] } } },
    }),
    forged({ facts: { deep: JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) } }),
    `{"v":1,"deep":${'['.repeat(1_000_000)}`,
  ])('H22: that are torn, forged, too big, too deep or of another version make all of them unknown (%#)', (bad) => {
    const other = `update-4\n${head(BOOT)}\n${formatNote(note('update-4'))}\n`
    expect(read(`160.5 ${BOOT}\n${other}update-3\n${head(BOOT)}\n${bad}\nend\n`).ok).toBe(false)
  })

  it('of earlier versions carried the whole plan: only which parts it names is taken from it', () => {
    const drain = { traffic: [{ command: { on: 'lb-1', drain: 'rm -rf /' } }], services: [{ name: 'app' }] }
    const found = only(
      whole(forged({ plan: { name: 'web-1', stages: { drain, update: { apps: [{ name: 'shop' }] } } } })),
    )
    expect(found?.parts).toEqual([
      { kind: 'driver', name: 'lb-1', digest: null, isSecret: false },
      { kind: 'service', name: 'app', digest: null, isSecret: false },
      { kind: 'app', name: 'shop', digest: null, isSecret: false },
    ])
    expect(JSON.stringify(found)).not.toContain('rm -rf')
  })
})
