import type { HostConfig, StagesConfig } from '../config/schema'
import { ok, type Result, unknown } from '../facts/fact'
import type { Mounts } from '../facts/mounts'
import type { Fill, Sample } from './monitor-samples'
import { ruleAt } from './rule'
import type { Finding, Rule } from './stage'

type Limits = StagesConfig['monitor']['limits']
type LimitName = keyof Limits

/** One measured thing against its limit, over all samples. */
export interface Measured {
  readonly limit: LimitName
  /** What was measured: "/srv", "the load per processor". */
  readonly what: string
  /** One value for each sample; a limit is broken when all of them are over it. */
  readonly values: readonly number[]
  readonly isOver: (value: number) => boolean
  readonly shown: (value: number) => string
  readonly advice: string
}

/** The sentence and rule that stop the stage; undefined where every limit is kept in at least one sample. */
export function brokenLimit(
  host: HostConfig,
  measured: readonly Measured[],
): { reason: string; rule: Rule } | undefined {
  const broken = measured.find((one) => one.values.length > 0 && one.values.every(one.isOver))
  if (broken === undefined) return undefined
  const worst = broken.values.map(broken.shown).join(', ')
  return {
    reason: `${broken.what}: ${worst} in ${broken.values.length} of ${broken.values.length} samples is over limits.${broken.limit}. ${broken.advice}`,
    rule: ruleAt(host, `stages.monitor.limits.${broken.limit}`, broken.shown(broken.values.at(-1) ?? 0)),
  }
}

/** Over a limit now and then: worth a look, no reason to stop. */
export function passingPeaks(measured: readonly Measured[]): Finding[] {
  return measured
    .filter((one) => one.values.some(one.isOver) && !one.values.every(one.isOver))
    .map((one) => ({
      what: `${one.what} was over limits.${one.limit} for a moment: ${one.values.map(one.shown).join(', ')}`,
      severity: 'warn',
      advice: one.advice,
    }))
}

/** What the samples say about every limit that is set. Unknown: a set limit could not be measured in some sample. */
export function measure(
  limits: Limits,
  samples: readonly Sample[],
  mounted: Result<Mounts>,
): Result<readonly Measured[]> {
  const all: Measured[] = []
  for (const build of [loadPerCore, memoryAvailable, disksUsed, inodesUsed]) {
    const measured = build(limits, samples, mounted)
    if (!measured.ok) return measured
    all.push(...measured.value)
  }
  return ok(all)
}

type Builder = (limits: Limits, samples: readonly Sample[], mounted: Result<Mounts>) => Result<readonly Measured[]>

const loadPerCore: Builder = ({ load_per_core: most }, samples) => {
  if (most === false) return ok([])
  return each(
    'load_per_core',
    samples,
    (sample) => sample.load,
    (values) => [
      {
        limit: 'load_per_core',
        what: 'the load per processor',
        values: values.map((load) => load.one / load.cores),
        isOver: (value) => value > most,
        shown: (value) => value.toFixed(2),
        advice: 'Find what keeps the host busy before it is maintained.',
      },
    ],
  )
}

const memoryAvailable: Builder = ({ memory_available: least }, samples) => {
  if (least === false) return ok([])
  return each(
    'memory_available',
    samples,
    (sample) => sample.memory,
    (values) => [
      {
        limit: 'memory_available',
        what: 'available memory',
        values: values.map((memory) => memory.availableBytes / memory.totalBytes),
        isOver: (value) => value < least,
        shown: percent,
        advice: 'Free memory or give the host more: an update could end in the out-of-memory killer.',
      },
    ],
  )
}

const disksUsed: Builder = ({ disk_used: most }, samples, mounted) => {
  if (most === false) return ok([])
  return each(
    'disk_used',
    samples,
    (sample) => sample.disks,
    (values) =>
      byMount(values, mounted).map(([mount, used]) => ({
        limit: 'disk_used',
        what: `${mount} is in use`,
        values: used,
        isOver: (value) => value > most,
        shown: percent,
        advice: `Free space on ${mount}.`,
      })),
  )
}

const inodesUsed: Builder = ({ inodes_used: most }, samples, mounted) => {
  if (most === false) return ok([])
  return each(
    'inodes_used',
    samples,
    (sample) => sample.inodes,
    (values) =>
      byMount(values, mounted).map(([mount, used]) => ({
        limit: 'inodes_used',
        what: `inodes of ${mount} are in use`,
        values: used,
        isOver: (value) => value > most,
        shown: percent,
        advice: `Remove small files from ${mount}: it can hold no more of them.`,
      })),
  )
}

function each<T>(
  limit: LimitName,
  samples: readonly Sample[],
  part: (sample: Sample) => Result<T>,
  build: (values: readonly T[]) => Measured[],
): Result<readonly Measured[]> {
  const values: T[] = []
  for (const sample of samples) {
    const read = part(sample)
    if (!read.ok) return unknown(`limits.${limit} cannot be judged: ${read.why}`)
    values.push(read.value)
  }
  return ok(build(values))
}

/** Fill by mount over the samples. Only what can be written and holds data: a snap or a CD is always full. */
function byMount(samples: readonly (readonly Fill[])[], mounted: Result<Mounts>): [string, number[]][] {
  const counts = (fill: Fill) => {
    if (!mounted.ok) return fill.source.startsWith('/dev/') && !fill.source.startsWith('/dev/loop')
    const mount = mounted.value.items.find((one) => one.target === fill.mount)
    return mount !== undefined && !mount.readOnly
  }
  const found = new Map<string, number[]>()
  for (const fill of samples.flatMap((sample) => sample.filter(counts))) {
    found.set(fill.mount, [...(found.get(fill.mount) ?? []), fill.used])
  }
  // Seen in every sample, or it says nothing about the whole span.
  return [...found].filter(([, used]) => used.length === samples.length)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
