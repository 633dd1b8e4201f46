import { z } from 'zod'
import { duration, hostCount, name, share, size } from './values'

/** A key of the contract that this version does not do yet: refused, never ignored. */
const later = (what: string) =>
  z
    .unknown()
    .refine(() => false, `${what} is not available in this version`)
    .optional()

/** A command of the file: first word `./x` is a script beside the file (sent whole), anything else is `sh` text. */
export const command = z
  .string()
  .min(1)
  .max(65_536)
  .refine((c) => !c.includes('\0'), 'a command cannot hold a NUL byte')

/** `env:` maps: a literal, or `${env:NAME}` standing alone. */
export const envMap = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), z.string()).default({})

const place = z.string().default('host')

export const hook = z.strictObject({
  run: command,
  on: place,
  timeout: duration.default(600_000),
  required: z.boolean().default(true),
  /** `after` hooks only: run it also when the stage failed. */
  always: z.boolean().default(false),
  env: envMap,
})
export type Hook = z.output<typeof hook>

const hooks = { before: z.array(hook).default([]), after: z.array(hook).default([]) }

const archive = z.strictObject({
  paths: z.array(z.string().startsWith('/')).min(1),
  to: z.string().startsWith('/').default('/var/backups/pitstop'),
  keep: z.int().min(1).max(1000).default(4),
})
const backupCommand = z.strictObject({
  name: name.optional(),
  run: command,
  prove: command.optional(),
  timeout: duration.default(3_600_000),
  env: envMap,
})
export const backup = z.union([
  z.strictObject({ archive }),
  z.strictObject({ command: backupCommand }),
  z.strictObject({ restic: later('restic') }),
  z.strictObject({ postgres: later('postgres') }),
])

export const prepare = z.strictObject({
  ...hooks,
  backup: z.array(backup).default([{ archive: { paths: ['/etc'], to: '/var/backups/pitstop', keep: 4 } }]),
  download: z.boolean().default(true),
  space: z.union([z.literal(false), z.record(z.string().startsWith('/'), size)]).default({ '/': 1e9, '/boot': 200e6 }),
})

export const monitor = z.strictObject({
  ...hooks,
  /** The whole span of three samples. */
  sample: duration.default(30_000),
  limits: z
    .strictObject({
      load_per_core: z.union([z.literal(false), z.number().positive()]).default(4),
      memory_available: z.union([z.literal(false), share]).default(0.05),
      disk_used: z.union([z.literal(false), share]).default(0.95),
      inodes_used: z.union([z.literal(false), share]).default(0.95),
    })
    .prefault({}),
  prometheus: later('prometheus'),
  broken: z.enum(['stop', 'continue']).default('stop'),
})

const trafficCommand = z.strictObject({
  drain: command,
  undrain: command,
  state: command.optional(),
  on: place,
  timeout: duration.default(600_000),
  env: envMap,
})
export const traffic = z.union([
  z.strictObject({ command: trafficCommand }),
  z.strictObject({ haproxy: later('haproxy') }),
  z.strictObject({ nginx: later('nginx') }),
  z.strictObject({ firewall: later('firewall') }),
])

/** A unit name without `.service`, or in full. */
const unitName = z.string().regex(/^[A-Za-z0-9:_.@-]{1,200}$/, 'expected a systemd unit name')
const serviceEntry = z.union([
  unitName.transform((unit) => ({ name: unit, stop_timeout: null, start_timeout: null })),
  z.strictObject({
    name: unitName,
    stop_timeout: duration.nullable().default(null),
    start_timeout: duration.nullable().default(null),
  }),
])

/** A key of the contract; named through a constant because an object literal with `then` looks like a promise. */
const THEN = 'then'

export const drain = z.strictObject({
  ...hooks,
  when: z.enum(['needed', 'always']).default('needed'),
  traffic: z.array(traffic).default([]),
  services: z.array(serviceEntry).default([]),
  connections: z
    .strictObject({ for: duration.default(60_000), [THEN]: z.enum(['cut', 'hold']).default('cut') })
    .prefault({}),
  wait_for: z.array(unitName).default([]),
})

export const clean = z.strictObject({
  ...hooks,
  package_cache: z.boolean().default(true),
  orphans: z.boolean().default(false),
  kernels: z.boolean().default(true),
  journald: z.union([z.literal(false), size]).default(false),
  temp: z.boolean().default(true),
  disks: later('disks'),
  hardware: later('hardware'),
  paths: z
    .array(
      z.strictObject({
        path: z.string().startsWith('/'),
        match: z.string().min(1).default('*'),
        older_than: duration.default(30 * 86_400_000),
      }),
    )
    .default([]),
  hands: later('hands'),
  containers: later('containers'),
  snaps: later('snaps'),
  core_dumps: later('core_dumps'),
})

const app = z.strictObject({
  name,
  run: command,
  version: command.optional(),
  rollback: command.optional(),
  reversible: z.boolean().default(true),
  timeout: duration.default(1_800_000),
  env: envMap,
})

export const update = z.strictObject({
  ...hooks,
  packages: z.enum(['all', 'security', 'none']).default('all'),
  exclude: z.array(z.string().regex(/^[A-Za-z0-9*?+._:-]{1,200}$/)).default([]),
  removals: z.enum(['refuse', 'allow']).default('refuse'),
  drift: z.enum(['none']).default('none'),
  lock_wait: duration.default(600_000),
  reboot: z.enum(['if-required', 'never', 'always']).default('if-required'),
  reboot_timeout: duration.default(900_000),
  reboot_stable: duration.default(60_000),
  /** How long a package step may take before the host is held "still running"; it is never killed. */
  timeout: duration.default(3_600_000),
  apps: z.array(app).default([]),
})

const seenFrom = z.enum(['host', 'runner', 'both']).default('host')
export const checkEntry = z.union([
  z.strictObject({
    http: z.strictObject({
      url: z.url({ protocol: /^https?$/ }),
      status: z.int().min(100).max(599).default(200),
      contains: z.string().min(1).optional(),
      from: seenFrom,
      timeout: duration.default(10_000),
    }),
  }),
  z.strictObject({
    tcp: z.strictObject({
      host: z.string().default('localhost'),
      port: z.int().min(1).max(65_535),
      from: seenFrom,
      timeout: duration.default(5_000),
    }),
  }),
  z.strictObject({ tls: later('tls') }),
  z.strictObject({ dns: later('dns') }),
  z.strictObject({ service: z.strictObject({ name: unitName }) }),
  z.strictObject({
    command: z.strictObject({
      name: name.optional(),
      run: command,
      on: place,
      timeout: duration.default(60_000),
      env: envMap,
    }),
  }),
])
export type CheckEntry = z.output<typeof checkEntry>

export const verify = z.strictObject({
  ...hooks,
  compare: z.boolean().default(true),
  expect_changes: z.array(z.string().min(1)).default([]),
  security: z.boolean().default(true),
  checks: z.array(checkEntry).default([]),
  retry: z
    .strictObject({
      for: duration.default(180_000),
      every: duration.default(2_000),
      passes: z.int().min(1).max(20).default(3),
    })
    .prefault({}),
})

export const golive = z.strictObject({ ...hooks, watch: duration.default(60_000) })

export const stages = z.strictObject({
  prepare: prepare.prefault({}),
  monitor: monitor.prefault({}),
  drain: drain.prefault({}),
  clean: clean.prefault({}),
  update: update.prefault({}),
  verify: verify.prefault({}),
  golive: golive.prefault({}),
})
export type StagesConfig = z.output<typeof stages>

export const rollout = z.strictObject({
  canary: z.int().min(0).default(1),
  canary_soak: duration.default(300_000),
  batch: hostCount.default(1),
  max_unavailable: hostCount.default(1),
  max_failures: z.int().min(0).default(0),
  soak: duration.default(60_000),
  parallel: z.int().min(1).max(100).default(20),
  on_failure: z.enum(['hold', 'rollback']).default('hold'),
})
export type Rollout = z.output<typeof rollout>
