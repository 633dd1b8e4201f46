import { z } from 'zod'
import { STAGES } from '../plan/step'

/** ISO 8601, UTC. */
const time = z.iso.datetime()
const outcome = z.enum(['done', 'unchanged', 'skipped', 'failed', 'interrupted'])
const milliseconds = z.int().min(0)

const step = z.strictObject({
  id: z.string(),
  title: z.string(),
  outcome,
  exitCode: z.int().nullable().describe('null: unknown, the step was cut or never ended'),
  durationMs: milliseconds.nullable(),
  log: z.string().nullable().describe('The last lines of its output, without secrets'),
})

const stage = z.strictObject({
  name: z.enum(STAGES),
  outcome: outcome.describe('A stage that never began is `skipped`'),
  reason: z.string().nullable(),
  startedAt: time.nullable(),
  durationMs: milliseconds.nullable(),
  steps: z.array(step),
})

const look = z.strictObject({
  command: z.string().nullable().describe('To be run on the host by a person; null: the check says all there is'),
  journal: z.array(z.string()).describe('The last lines of the journal of its unit, without secrets'),
})

const check = z.strictObject({
  id: z.string().describe('`<kind>:<key>`, such as `unit:nginx.service` or `port:tcp/0.0.0.0:80`'),
  kind: z.string(),
  outcome: z.enum(['pass', 'warn', 'fail', 'unknown', 'skipped']),
  expected: z.string(),
  actual: z.string(),
  when: z.enum(['monitor', 'verify', 'golive']),
  expectedChange: z.literal(true).optional().describe('A pass that differs from before, as `expect_changes` said'),
  look: look.optional().describe('How to look at a check that failed'),
})

const rule = z.strictObject({
  name: z.string(),
  value: z.string(),
  line: z.int().nullable().describe('Line of the maintenance file; null where the value is a default'),
})

const host = z.strictObject({
  name: z.string(),
  address: z.string(),
  group: z.string(),
  wave: z.int().nullable().describe('0 is the canary; null: in no wave'),
  verdict: z.enum(['live', 'rolled-back', 'held', 'untouched', 'unreachable']),
  reason: z.string().describe('One sentence'),
  rule: rule.nullable(),
  isolation: z.enum(['isolated', 'stopped', 'exposed']),
  touched: z.boolean(),
  overrun: z.boolean().describe('The host was still worked on after its window closed'),
  downtimeMs: milliseconds.describe(
    'First drain act (or the reboot order) to traffic read back as in, or to the end when held; 0 if never drained',
  ),
  lastMaintained: time.nullable(),
  nextDue: time.nullable(),
  stages: z.array(stage).length(STAGES.length),
  checks: z.array(check),
  baseline: z.record(z.string(), z.unknown()).nullable().describe('Facts before anything changed, by fact'),
  after: z.record(z.string(), z.unknown()).nullable().describe('Facts when the host was verified, by fact'),
  findings: z.array(
    z.strictObject({
      what: z.string(),
      severity: z.enum(['info', 'warn', 'block']),
      advice: z.string(),
      since: time.optional().describe('It stood in the same words when the host was last maintained, first told then'),
    }),
  ),
  packages: z.array(
    z.strictObject({
      name: z.string(),
      from: z.string().nullable().describe('null: newly installed'),
      to: z.string().nullable().describe('null: removed'),
      security: z.boolean(),
    }),
  ),
  backups: z.array(z.strictObject({ id: z.string(), provedAt: time.nullable(), restoreWith: z.string() })),
  reboot: z.strictObject({
    needed: z.enum(['yes', 'no', 'unknown']),
    done: z.boolean(),
    bootIdBefore: z.string().nullable(),
    bootIdAfter: z.string().nullable(),
  }),
})

const run = z.strictObject({
  id: z.string(),
  verdict: z.enum(['failed', 'held', 'partial', 'live', 'refused', 'planned', 'announced']),
  reason: z.enum(['none', 'too-early', 'missed', 'freeze', 'already-done', 'file', 'key', 'lease', 'event']),
  mode: z
    .enum(['run', 'plan', 'verify', 'recover', 'announce', 'finish'])
    .nullable()
    .describe('null: refused before the mode was known'),
  configHash: z.string().nullable().describe('SHA-256 of the bytes of the maintenance file'),
  planHash: z.string().nullable(),
  startedAt: time,
  endedAt: time,
  url: z.string().nullable(),
  actor: z.string().nullable(),
  overrides: z.array(z.string()),
})

/** report.json, version 1: the single source of its type and of schema/report.schema.json. */
export const reportSchema = z.strictObject({ version: z.literal(1), run, hosts: z.array(host) })

export type Report = z.output<typeof reportSchema>
export type ReportHost = z.output<typeof host>
export type ReportStage = z.output<typeof stage>
export type ReportCheck = z.output<typeof check>
