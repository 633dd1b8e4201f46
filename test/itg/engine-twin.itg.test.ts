import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HostConfig } from '../../src/config/schema'
import { systemClock } from '../../src/engine/clock'
import type { EngineIo } from '../../src/engine/engine-io'
import { runFleet } from '../../src/engine/fleet-run'
import { localDialer } from '../../src/host/local'
import { LeasedMachine } from '../../src/host/machine'
import { HostSession } from '../../src/host/session'
import type { EventBody } from '../../src/journal/event'
import { leanStages, modelFile, runModel, type StagesInput, settleWorld } from '../fixtures/model/model-run'
import { ModelWorld } from '../fixtures/model/model-world'

/** Whoever runs the tests: nothing outside the folder is paused, written or rebooted. */
class Guest extends LeasedMachine {
  override get rights() {
    return 'none' as const
  }
}

/** The same fleet of one, once on the model and once on this machine: the engine must not be able to tell them apart. */
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Stages with the commands that `word` makes: of the model, or of a folder on this machine. */
function stagesWith(word: (name: string) => string): StagesInput {
  return leanStages({
    prepare: { backup: [], space: false, before: [{ run: word('hook') }] },
    drain: {
      when: 'always',
      traffic: [{ command: { drain: word('out'), undrain: word('in'), state: word('state') } }],
      connections: { for: '0s' },
    },
    clean: { package_cache: false, kernels: false, temp: false },
    update: {
      packages: 'none',
      reboot: 'never',
      apps: [{ name: 'app', run: word('deploy'), version: word('version'), rollback: word('previous') }],
    },
    verify: {
      compare: false,
      security: false,
      checks: [{ command: { run: word('check') } }],
      retry: { for: '0s', every: '1s', passes: 1 },
    },
  })
}

type Twist = 'none' | 'sick' | 'half-drained'

/** What the commands of the model mean on a real machine: files in a folder. `sick` makes the new version fail its check. */
function realWord(folder: string, twist: Twist): (name: string) => string {
  const traffic = join(folder, 'traffic')
  const version = join(folder, 'version')
  const sick = join(folder, 'sick')
  const commands: Record<string, string> = {
    hook: ':',
    out: `echo out >${traffic}${twist === 'half-drained' ? '; exit 1' : ''}`,
    in: `echo in >${traffic}`,
    state: `cat ${traffic}`,
    deploy: `echo 2 >${version}`,
    previous: `echo 1 >${version}`,
    version: `cat ${version}`,
    check: `[ ! -e ${sick} ] || [ "$(cat ${version})" = 1 ]`,
  }
  return (name) => commands[name] ?? 'false'
}

async function onThisMachine(twist: Twist, rollout: object): Promise<{ shape: string[]; traffic: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-twin-'))
  folders.push(folder)
  mkdirSync(join(folder, 'state'), { mode: 0o700 })
  writeFileSync(join(folder, 'traffic'), 'in\n')
  writeFileSync(join(folder, 'version'), '1\n')
  if (twist === 'sick') writeFileSync(join(folder, 'sick'), '')
  const file = modelFile({ hosts: ['web-1'], stages: stagesWith(realWord(folder, twist)), rollout })
  const told: EventBody[] = []
  const { signal } = new AbortController()
  const io: EngineIo = { ...edge(folder, signal), tell: (body) => told.push(body) }
  const input = { admission: () => ({ open: true }) as const, others: new Map(), clients: new Map(), failures: null }
  await runFleet({ ...file, ...input }, io)
  return { shape: shapeOf(told), traffic: readFileSync(join(folder, 'traffic'), 'utf8').trim() }
}

function edge(folder: string, signal: AbortSignal): EngineIo {
  return {
    open: async (_: HostConfig, opening) => {
      const stateDir = join(folder, 'state')
      const options = { dialer: localDialer(), clock: systemClock, become: 'none', stateDir } as const
      const session = await HostSession.open(options, opening)
      const secret = () => ''
      return new Guest({ session, run: 'twin', url: 'twin', secret, ownLock: true, checkPath: false })
    },
    shared: async (place) => Promise.reject(new Error(`no machine ${place} here`)),
    network: { dial: async () => Promise.reject(new Error('no network here')) },
    clock: systemClock,
    signal,
    tell: () => undefined,
    run: { id: 'twin', mode: 'run', url: 'twin', file: 'maintenance.yml' },
    mask: (text) => text,
    onlyUndo: false,
    ledgerKey: () => null,
    barred: () => null,
    closes: () => null,
    nextDue: () => null,
  }
}

async function onTheModel(twist: Twist, rollout: object): Promise<{ shape: string[]; traffic: string }> {
  const file = modelFile({ hosts: ['web-1'], stages: stagesWith((name) => `model ${name}`), rollout })
  const world = new ModelWorld()
  world.isLean = true
  settleWorld(world, file)
  if (twist === 'sick') world.host('web-1').sickBy.add('app')
  if (twist === 'half-drained') world.inject({ at: 'drain/traffic-1-drain', kind: 'half' })
  const { events } = await runModel(world, file, { id: 'twin' })
  expect(world.wrongs).toEqual([])
  return { shape: shapeOf(events.map((e) => e.body)), traffic: world.host('web-1').isIn ? 'in' : 'out' }
}

/** What happened, in order, without what differs from machine to machine: times, numbers, findings, output. */
function shapeOf(events: readonly EventBody[]): string[] {
  return events.flatMap((e) => {
    if (e.type === 'stage.begun' || e.type === 'stage.ended')
      return `${e.type} ${e.stage} ${'outcome' in e ? e.outcome : ''}`
    if (e.type === 'step.begun') return `${e.type} ${e.stage}/${e.step}`
    if (e.type === 'step.ended') return `${e.type} ${e.stage}/${e.step} ${e.outcome} ${e.exitCode}`
    if (e.type === 'gate') return `gate ${e.open}`
    if (e.type === 'traffic') return `traffic ${e.state} ${e.act}`
    if (e.type === 'host.ended') return `host.ended ${e.verdict}`
    const plain = ['connected', 'lease.taken', 'lease.released', 'admitted', 'touched', 'settled', 'lease.lost']
    return plain.includes(e.type) ? e.type : []
  })
}

describe('the model is held against a real machine: the same events in the same order', () => {
  it.each([
    ['a host that goes live', 'none', {}, 'in', 'live'],
    ['a sick host that is held', 'sick', {}, 'out', 'held'],
    ['a sick host that is rolled back', 'sick', { on_failure: 'rollback' }, 'in', 'rolled-back'],
    ['a drain that fails half-way and is undone', 'half-drained', {}, 'in', 'untouched'],
  ] as const)('%s', async (_, twist, rollout, traffic, verdict) => {
    const [real, model] = [await onThisMachine(twist, rollout), await onTheModel(twist, rollout)]
    expect(real.shape).toEqual(model.shape)
    expect(model.shape).toContain(`host.ended ${verdict}`)
    expect([real.traffic, model.traffic]).toEqual([traffic, traffic])
  })
})
