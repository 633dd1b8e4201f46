import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { MaintenanceFile } from '../../../src/config/schema'
import { systemClock } from '../../../src/engine/clock'
import { Machines } from '../../../src/engine/io'
import { ConnectError, HostKeyError, LoginRefused, MaintenanceError } from '../../../src/errors'
import type { Dialers } from '../../../src/host/dialer'
import { localDialer } from '../../../src/host/local'
import type { Dialer } from '../../../src/host/remote'
import { sh } from '../../../src/shell/sh'
import { hostConfig } from '../../fixtures/host-config'

const folder = mkdtempSync(join(tmpdir(), 'pitstop-'))

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function machines(leases: boolean, dialer?: Dialer): Machines {
  const lb = hostConfig({ name: 'lb-1', becomeDeclared: true, stateDir: join(folder, 'lb-1') })
  return new Machines({
    file: { hosts: new Map([['lb-1', lb]]) } as unknown as MaintenanceFile,
    dialers: { for: () => dialer } as unknown as Dialers,
    closedTo: () => null,
    clock: systemClock,
    signal: new AbortController().signal,
    run: { id: 'r1', url: '' },
    sudoPassword: null,
    secret: () => '',
    reportDir: folder,
    readOnly: false,
    adopt: false,
    leases,
    waits: false,
    say: () => undefined,
  })
}

describe('a place that hosts share', () => {
  it.each([true, false])(
    'that is worked on is leased, and one that is only asked is left as it is (%s)',
    async (leases) => {
      await using all = machines(leases)
      await all.shared('runner')
      expect(existsSync(join(folder, 'runner/lease'))).toBe(leases)
    },
  )

  it('that was away is tried again by the next host that needs it, and one that was had is shared', async () => {
    const { dialer, tries } = failingOnce(new ConnectError('lb-1 does not answer'))
    await using all = machines(false, dialer)
    const [first, second] = [all.shared('lb-1'), all.shared('lb-1')]
    await expect(first).rejects.toThrow('does not answer')
    await expect(second).rejects.toThrow('does not answer')
    const had = await all.shared('lb-1')
    expect(await all.shared('lb-1')).toBe(had)
    expect(tries()).toBe(2)
  })

  it('that is leased by another run is tried again by the next host that needs it', async () => {
    const other = machines(true)
    await using all = machines(true)
    try {
      await other.shared('runner')
      await expect(all.shared('runner')).rejects.toThrow('r1')
    } finally {
      await other[Symbol.asyncDispose]()
    }
    await expect(all.shared('runner')).resolves.toBeDefined()
  })

  it('that is a target too is one machine with one login, for as long as anybody needs it', async () => {
    const { dialer, tries } = failingOnce(new ConnectError('lb-1 does not answer'))
    await using all = machines(false, dialer)
    const lb = hostConfig({ name: 'lb-1', becomeDeclared: true, stateDir: join(folder, 'lb-1') })
    const { signal } = new AbortController()
    await expect(all.open(lb, signal)).rejects.toThrow('does not answer')
    const target = await all.open(lb, signal)
    const helper = await all.shared('lb-1')
    await target[Symbol.asyncDispose]()
    expect((await helper.ask([{ id: 'alive', sh: sh`:`, cap: 16 }], signal))[0]?.rc).toBe(0)
    expect(tries()).toBe(2)
  })

  it.each([
    ['shows a wrong key', new HostKeyError('a wrong key')],
    ['refuses our login', new LoginRefused('no such login')],
    ['cannot be worked on', new MaintenanceError('the same machine')],
  ])('H37: that %s is asked once', async (_, error) => {
    const { dialer, tries } = failingOnce(error)
    await using all = machines(false, dialer)
    await expect(all.shared('lb-1')).rejects.toThrow(error.message)
    await expect(all.shared('lb-1')).rejects.toThrow(error.message)
    expect(tries()).toBe(1)
  })
})

function failingOnce(error: Error) {
  const [local, tried] = [localDialer(), { count: 0 }]
  const dialer: Dialer = {
    connect: async (signal, options) => {
      tried.count += 1
      if (tried.count === 1) throw error
      return local.connect(signal, options)
    },
  }
  return { dialer, tries: () => tried.count }
}
