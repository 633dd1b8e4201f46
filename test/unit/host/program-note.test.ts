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
    expect(found).toEqual([{ ...note('update-3'), run: 'r1', ageS: expect.any(Number) }])
    expect(found?.[0]?.ageS).toBeLessThan(60)
    const items: WireItem[] = []
    expect(await next.attach('r1', { id: 'update-3', steps }, (item) => items.push(item), never)).toEqual({ t: 'over' })
    expect(items.flatMap((i) => (i.t === 'end' ? [i.result.outcome] : []))).toEqual(['done'])
    expect(items.flatMap((i) => (i.t === 'live' ? [i.text] : [])).join('')).toBe('begun\nended\n')
    expect(await next.takeLease(never)).toMatchObject({ t: 'taken' })
  })

  it('of a run that nobody knows is nothing, and a name that is a way out of the folder is none', async () => {
    await using next = await open('r3')
    expect(await next.readNotes('never-was', never)).toEqual([])
    expect(await next.readNotes('../../etc', never)).toEqual([])
    expect(await next.readNotes('', never)).toEqual([])
  })
})

describe('notes', () => {
  const line = formatNote(note('update-3'))
  const head = (boot: string) => `pitstop 1 r1 update-3 ${boot} 100.50`

  it('tell since when a program works, by the uptime of the host', () => {
    expect(parseNotes(`160.5 b1\n${head('b1')}\n${line}\nend\n`, 'r1')?.[0]?.ageS).toBe(60)
    expect(parseNotes(`160.5 b2\n${head('b1')}\n${line}\nend\n`, 'r1')?.[0]?.ageS).toBeNull()
    expect(parseNotes(`160.5 b1\n\n${line}\nend\n`, 'r1')?.[0]?.ageS).toBeNull()
  })

  it('that are cut off anywhere are unknown, never fewer', () => {
    const whole = `160.5 b1\n${head('b1')}\n${line}\nend\n`
    for (let length = 1; length < whole.length; length++) expect(parseNotes(whole.slice(0, length), 'r1')).toBeNull()
  })

  it.each(['', '{', 'null', '{"v":2}', '[]', line.slice(0, -1), line.replace('"v":1', '"v":9')])(
    'that are torn, forged or of another version are left out (%j)',
    (bad) => {
      expect(parseNotes(`160.5 b1\n${head('b1')}\n${bad}\n${head('b1')}\n${line}\nend\n`, 'r1')).toHaveLength(1)
    },
  )
})
