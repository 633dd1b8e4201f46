import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/engine/clock'
import type { HostContext } from '../../../../src/engine/host-context'
import { failureOf, isMainBegun } from '../../../../src/engine/recovery/judge'
import { driversSince } from '../../../../src/engine/recovery/parts'
import { type Progress, readProgress } from '../../../../src/engine/recovery/progress'
import { LeasedMachine } from '../../../../src/host/machine'
import { HostSession } from '../../../../src/host/session'
import { transactionOf } from '../../../../src/packages/facts'
import { hostConfig } from '../../../fixtures/host-config'
import { type ShellMachine, shellDialer, shellMachine } from '../../../fixtures/shells'

/** The state folder of a host whose run of version 0.1.0 was killed in the upgrade, which ended well; by path below it. */
const RECORDED = join(import.meta.dirname, '../../../cases/recovery/state-0.1.json')
const RUN = 'e90e123d55043a7dec7c'
const never = new AbortController().signal

describe('the state folder that version 0.1.0 left on a host', () => {
  let machine: ShellMachine
  let text = ''
  beforeAll(() => {
    machine = shellMachine('dash')
    text = readFileSync(RECORDED, 'utf8')
    for (const [path, content] of Object.entries(JSON.parse(text) as Record<string, string>)) {
      const at = join(machine.folder, 'state', path)
      mkdirSync(dirname(at), { recursive: true })
      writeFileSync(at, content)
    }
  })
  afterAll(() => machine.dispose())

  async function read(): Promise<Progress> {
    const stateDir = join(machine.folder, 'state')
    const options = { dialer: shellDialer(machine), clock: systemClock, become: 'none', stateDir } as const
    const session = await HostSession.open(options, never)
    const run = { session, run: 'r2', url: '-', secret: () => '', ownLock: true, checkPath: false }
    await using leased = new LeasedMachine(run)
    const host = hostConfig({ name: 'web-1' })
    const found = await readProgress({ machine: leased, host, signal: never } as unknown as HostContext, RUN)
    if ('verdict' in found) throw new Error(found.reason)
    return found
  }

  it('tells which parts were begun, and nothing else of the plan it carried', async () => {
    const p = await read()
    expect(text).toContain('rm -f /run/out-')
    expect(p.parts).toEqual([
      [
        { kind: 'driver', name: 'lb-1', digest: null, isSecret: false },
        { kind: 'service', name: 'demo-web', digest: null, isSecret: false },
        { kind: 'app', name: 'shop', digest: null, isSecret: false },
      ],
    ])
    expect(JSON.stringify([p.parts, [...p.steps]])).not.toContain('/run/out-')
    expect(driversSince(hostConfig({ name: 'web-1' }), p.parts?.[0] ?? []).gone).toHaveLength(1)
  })

  it('tells what came to its end, and what the rest is planned from', async () => {
    const p = await read()
    const ended = [...p.results].map(([key, { outcome }]) => `${key} ${outcome}`)
    expect(ended).toContain('update/packages.upgrade done')
    expect(ended.filter((one) => one.startsWith('update/'))).toHaveLength(1)
    expect(p.results.get('prepare/packages.keep')?.output).toMatch(/^demo-slow\t1\.0\t|^demo-web\t1\.0\t/)
    const transaction = transactionOf(p.facts)
    expect(transaction.ok && transaction.value.upgrades.map((u) => u.name).sort()).toEqual(['demo-slow', 'demo-web'])
    expect([isMainBegun(p), failureOf(p, 'update', []), p.hasIntents, p.run]).toEqual([true, null, false, RUN])
  })
})
