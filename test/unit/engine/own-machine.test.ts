import { describe, expect, it } from 'vitest'
import type { EngineIo } from '../../../src/engine/engine-io'
import { HostRun } from '../../../src/engine/host-run'
import { type Known, OwnMachines } from '../../../src/engine/own-machine'
import { MaintenanceError } from '../../../src/errors'
import { hostConfig } from '../../fixtures/host-config'

const ID = '0123456789abcdef0123456789abcdef'
const known = (name: string, hostKey: string | null, over: Parameters<typeof hostConfig>[0] = {}): Known => ({
  host: hostConfig({ name, address: `${name}.example`, ...over }),
  machineId: ID,
  hostKey,
})

/** What is said of the second, after the first; null: it is refused. */
function second(a: Known, b: Known): readonly string[] | null {
  const said: string[] = []
  const machines = new OwnMachines((sentence) => said.push(sentence))
  machines.require(a)
  try {
    machines.require(b)
    return said
  } catch {
    return null
  }
}

describe('promise 6: the machine id of another host', () => {
  it('does not refuse that host, whoever comes first: another host key is another machine, and it is told', () => {
    const [liar, victim] = [known('web-1', 'SHA256:aaaa'), known('db-1', 'SHA256:bbbb')]
    for (const row of [second(liar, victim), second(victim, liar)]) {
      expect(row).toHaveLength(1)
      expect(row?.[0]).toMatch(/say the same machine id behind different host keys.*Both are worked on/)
    }
  })

  it('and the same host key are one machine, under whatever address: the second entry is refused', () => {
    expect(second(known('web-1', 'SHA256:aaaa'), known('web-2', 'SHA256:aaaa'))).toBeNull()
  })

  it('where no host key is known: one machine at one address only', () => {
    expect(second(known('web-1', null), known('db-1', null))?.[0]).toContain('at different addresses')
    expect(second(known('web-1', null), known('db-1', 'SHA256:bbbb'))?.[0]).toContain('at different addresses')
    expect(second(known('web-1', null, { address: 'x' }), known('web-2', null, { address: 'x' }))).toBeNull()
    expect(second(known('web-1', null, { transport: 'local' }), known('b', null, { transport: 'local' }))).toBeNull()
  })

  it('is none where a host says no id, or is asked for again', () => {
    expect(second({ ...known('a', 'SHA256:a'), machineId: '' }, { ...known('b', 'SHA256:a'), machineId: '' })).toEqual(
      [],
    )
    expect(second(known('a', 'SHA256:a'), known('a', 'SHA256:a'))).toEqual([])
  })

  it('may be shared by two logins that share neither lock nor folder', () => {
    const own = { become: 'none', becomeDeclared: true } as const
    const [a, b] = [
      known('a', 'SHA256:a', { ...own, stateDir: '/a' }),
      known('b', 'SHA256:a', { ...own, stateDir: '/b' }),
    ]
    expect(second(a, b)).toEqual([])
    expect(second(a, { ...b, host: { ...b.host, stateDir: '/a' } })).toBeNull()
  })
})

it('an entry that is refused as the machine of another is not said to be out of reach', async () => {
  const why = new MaintenanceError('web-2 and web-1 are the same machine (one machine id)')
  const io = { signal: new AbortController().signal, open: async () => Promise.reject(why) }
  const run = new HostRun(hostConfig(), io as unknown as EngineIo)
  expect(await run.scout()).toBe('unreachable')
  expect(run.out).toContain('are the same machine')
})
