import { describe, expect, it } from 'vitest'
import { clock } from '../../../src/facts/clock'
import type { Fact } from '../../../src/facts/fact'
import { failedUnits } from '../../../src/facts/failed-units'
import { mounts } from '../../../src/facts/mounts'
import { rebootRequired } from '../../../src/facts/reboot-required'
import type { StepResult } from '../../../src/plan/step'
import { monitor } from '../../../src/stages/monitor'
import type { PhasePlan, StageInput } from '../../../src/stages/stage'
import { hostConfig } from '../../fixtures/host-config'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'

interface Made {
  readonly load?: string
  readonly available?: number
  readonly used?: number
  readonly busyMs?: number
}

/** What the sampling program prints for one moment. */
function sample({ load = '0.50', available = 500, used = 50, busyMs = 0 }: Made = {}): string {
  return `sample
load ${load} 0.10 0.10 1/100 4242
load 0-1
rc load 0
memory MemTotal: 1000 kB
memory MemAvailable: ${available} kB
rc memory 0
disks Filesystem 1024-blocks Used Available Capacity Mounted on
disks /dev/sda1 100 ${used} ${100 - used} ${used}% /srv
disks /dev/loop1 100 100 0 100% /snap/x
rc disks 0
inodes Filesystem Inodes IUsed IFree IUse% Mounted on
inodes /dev/sda1 100 1 99 1% /srv
rc inodes 0
busy    8       0 sda 1 0 2 3 4 5 6 7 0 ${busyMs} 9
rc busy 0
`
}

interface Given {
  readonly samples?: string | Partial<StepResult>
  readonly facts?: readonly (readonly [Fact<unknown>, unknown])[]
  readonly limits?: object
  readonly mode?: StageInput['run']['mode']
}

function input({ samples = '', facts = [], limits = {}, mode = 'run' }: Given): StageInput {
  const srv = { target: '/srv', source: '/dev/sda1', type: 'ext4', readOnly: false }
  const result = stepResult('samples', typeof samples === 'string' ? { output: samples } : samples)
  return stageInput(
    {},
    {
      host: hostConfig({ stages: { monitor: { limits } }, lines: { 'stages.monitor.limits.disk_used': 7 } }),
      facts: factsOf(
        [mounts, { items: [srv], automounts: [] }],
        [clock, { epochSeconds: 0, skewSeconds: 0 }],
        ...facts,
      ),
      results: new Map([['monitor/samples', result]]),
      run: { id: 'r1', mode, now: new Date(0) },
    },
  )
}

const [look, judge] = monitor.phases
function looked(given: Given): PhasePlan {
  return look?.plan(input(given)) ?? { steps: [] }
}
function judged(given: Given): PhasePlan {
  return judge?.plan(input(given)) ?? { steps: [] }
}
const end = 'end\n'
const three = (made: Made) => sample(made).repeat(3) + end

describe('monitor: limits', () => {
  it('lets a quiet host pass', () => {
    expect(judged({ samples: three({}) })).toEqual({ steps: [], notes: [] })
  })

  it.each([
    ['stages.monitor.limits.load_per_core', '4.50', { load: '9.00' }],
    ['stages.monitor.limits.memory_available', '4.0%', { available: 40 }],
    ['stages.monitor.limits.disk_used', '97.0%', { used: 97 }],
  ])('stops over %s, with the value met', (name, value, made) => {
    expect(judged({ samples: three(made) }).stop?.rule).toMatchObject({ name, value })
  })

  it('does not stop for a peak in one sample, but tells it', () => {
    const plan = judged({ samples: sample({ load: '9.00' }) + sample() + sample() + end })
    expect(plan.stop).toBeUndefined()
    expect(plan.notes).toMatchObject([{ kind: 'finding', severity: 'warn' }])
  })

  it('does not judge file systems that are full by nature', () => {
    expect(judged({ samples: three({}) }).stop).toBeUndefined()
  })

  it('does not ask a limit that is set to false', () => {
    expect(judged({ samples: three({ load: '9.00' }), limits: { load_per_core: false } }).stop).toBeUndefined()
  })

  it('stops where a set limit cannot be judged', () => {
    const noMemory = three({}).replaceAll(/^memory MemAvailable.*\n/gm, '')
    expect(judged({ samples: noMemory }).stop?.reason).toContain('limits.memory_available cannot be judged')
    expect(judged({ samples: noMemory, limits: { memory_available: false } }).stop).toBeUndefined()
  })

  it.each([
    ['were cut off', { output: sample() }],
    ['ended with an unknown exit code', { output: three({}), exitCode: null }],
    ['are too long', { output: three({}), truncated: true }],
    ['were never finished', { output: three({}), outcome: 'interrupted' as const }],
  ])('stops where the samples %s', (_, result) => {
    expect(judged({ samples: result }).stop).toBeDefined()
  })

  it('is not deceived by a mount point that looks like our own words', () => {
    const hostile = three({ used: 97 }).replaceAll('rc disks 0', 'disks end\ndisks rc disks 1\nrc disks 0')
    expect(judged({ samples: hostile }).stop?.rule).toEqual({
      name: 'stages.monitor.limits.disk_used',
      value: '97.0%',
      line: 7,
    })
  })

  it('tells of a disk that was busy all the time', () => {
    const plan = judged({ samples: sample({ busyMs: 0 }) + sample({ busyMs: 1 }) + sample({ busyMs: 29_000 }) + end })
    expect(plan.notes).toMatchObject([{ what: 'sda was busy 97% of the time' }])
  })
})

it('a plan takes no samples, so no limit stops it', () => {
  expect(judge?.plan({ ...input({ mode: 'plan' }), results: new Map() })).toEqual({ steps: [] })
  expect(judge?.plan({ ...input({}), results: new Map() }).stop?.reason).toContain('no samples were taken')
})

describe('monitor: the look', () => {
  it('measures three times in a run and once in a plan, and changes nothing', () => {
    const [run] = looked({}).steps
    const [plan] = looked({ mode: 'plan' }).steps
    expect(run).toMatchObject({
      do: 'sh',
      changes: false,
      disruptive: false,
      title: 'Measure load, memory and disks 3 times',
    })
    expect(run?.do === 'sh' && run.run.text).toContain('sleep 15')
    expect(plan?.do === 'sh' && plan.run.text).toContain('left=1')
  })

  it('H28: warns over 30 s of clock skew and refuses over 5 minutes', () => {
    const skewed = (skewSeconds: number) => looked({ facts: [[clock, { epochSeconds: 0, skewSeconds }]] })
    const warns = (plan: PhasePlan) =>
      plan.notes?.some((note) => note.kind === 'finding' && note.what.startsWith('the clock'))
    expect([warns(skewed(30)), warns(skewed(-31)), warns(skewed(300))]).toEqual([false, true, true])
    expect([skewed(300).stop, skewed(-300).stop]).toEqual([undefined, undefined])
    expect(skewed(-301)).toMatchObject({ steps: [], stop: { rule: { name: 'clock-skew', value: '-301s' } } })
  })

  it.each([
    ['cannot be read', undefined],
    ['cannot be compared', { epochSeconds: 0, skewSeconds: null }],
  ])('H28: refuses a host whose clock %s: unknown is never fine', (_, value) => {
    const plan = looked({ facts: [[clock, value]] })
    expect(plan).toMatchObject({ steps: [], stop: { rule: { name: 'clock-skew', value: 'unknown' } } })
    expect(plan.stop?.reason).toContain('is unknown')
  })

  it('H30: tells that the need of a reboot is unknown', () => {
    expect(looked({}).notes).toContainEqual({ kind: 'reboot', needed: 'unknown', why: 'reboot-required was not read' })
    const yes = looked({ facts: [[rebootRequired, { needed: 'yes', why: 'flag', packages: [] }]] })
    expect(yes.notes).toContainEqual({ kind: 'reboot', needed: 'yes', why: 'flag' })
  })

  it('finds failed units', () => {
    const notes = looked({ facts: [[failedUnits, ['a.service']]] }).notes
    expect(notes).toContainEqual(
      expect.objectContaining({ kind: 'finding', severity: 'warn', what: 'failed units: a.service' }),
    )
  })
})
