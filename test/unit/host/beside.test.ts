import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { LeasedMachine } from '../../../src/host/machine'
import { HostSession } from '../../../src/host/session'
import { hasShell, SHELLS, type ShellMachine, shellDialer, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const never = new AbortController().signal
const silent = () => undefined

describe.each(SHELLS.filter(hasShell))('a program beside the one that is at work, in %s', (shell) => {
  let machine: ShellMachine
  beforeAll(() => {
    machine = shellMachine(shell)
  })
  afterAll(() => machine.dispose())

  async function open(folder: string): Promise<LeasedMachine> {
    const stateDir = join(machine.folder, folder)
    const options = { dialer: shellDialer(machine), clock: systemClock, become: 'none', stateDir } as const
    const session = await HostSession.open(options, never)
    const own = { run: 'r1', url: '-', secret: () => '', ownLock: true, checkPath: false }
    return new LeasedMachine({ session, ...own })
  }

  it('waits for nobody, leaves the state and the lock alone, and ends before the other does', async () => {
    await using host = await open('one')
    await host.takeLease(never)
    const go = join(host.stateDir, 'go')
    const upgrade = shStep('upgrade', `echo begun; until [ -e ${go} ]; do sleep 0.1; done`)
    let begun: () => void = () => undefined
    const isAtWork = new Promise<void>((resolve) => {
      begun = resolve
    })
    const order = { id: 'update-1', steps: [upgrade], state: { phase: 'update', touched: true } as const }
    const upgraded = host.run(order, (item) => item.t === 'live' && begun(), never)
    await isAtWork
    const state = readFileSync(join(host.stateDir, 'state'), 'utf8')
    const again = shStep('drain-again', `echo >${host.stateDir}/drained-again`)
    expect(await host.run({ id: 'update-2', steps: [again], state: {}, beside: true }, silent, never)).toEqual({
      t: 'over',
    })
    expect(existsSync(join(host.stateDir, 'drained-again'))).toBe(true)
    expect(existsSync(join(host.stateDir, 'runs/r1/update-1/done'))).toBe(false)
    expect(readFileSync(join(host.stateDir, 'state'), 'utf8')).toBe(state)
    expect(state).toMatch(/^touched=true$/m)
    expect(readFileSync(`${host.lockFile}.dir`, 'utf8').trim()).toBe(join(host.stateDir, 'runs/r1/update-1'))
    writeFileSync(go, '')
    expect(await upgraded).toEqual({ t: 'over' })
    expect(host.state).toMatchObject({ phase: 'update', touched: true })
  })

  it.each([
    ['the lease went to another run', (host: LeasedMachine) => join(host.stateDir, 'lease'), 'token=9\nowner=them\n'],
    ['another run had the machine', (host: LeasedMachine) => `${host.lockFile}.dir`, '/elsewhere/runs/r2/update-1\n'],
  ])('begins nothing where %s', async (_, file, text) => {
    await using host = await open(`two-${text.length}`)
    await host.takeLease(never)
    const nothing = shStep('nothing', ':')
    expect(await host.run({ id: 'update-1', steps: [nothing], state: {} }, silent, never)).toEqual({ t: 'over' })
    writeFileSync(file(host), text)
    const again = shStep('drain-again', `echo >${host.stateDir}/drained-again`)
    expect(await host.run({ id: 'update-2', steps: [again], state: {}, beside: true }, silent, never)).toEqual({
      t: 'lease-lost',
    })
    expect(existsSync(join(host.stateDir, 'drained-again'))).toBe(false)
  })
})
