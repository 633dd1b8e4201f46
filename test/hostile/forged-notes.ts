import { VERSION } from '../../src/version'
import { CANARY } from './scene-attack'

/** A note, as JSON: the forger is bound by no type. A part of it is given; the rest is as a run of this version leaves it. */
export function forgedNote(more: Readonly<Record<string, unknown>> = {}): string {
  const step = { id: 'traffic-1-drain', title: 'Take traffic away', required: true, disruptive: true }
  const steps = [{ ...step, timeoutMs: 600_000, isLeft: false }]
  return JSON.stringify({ v: 1, id: 'drain-1', host: 'web-1', stage: 'drain', steps, build: VERSION, ...more })
}

/** A command that leaves a mark wherever it runs as somebody who may write there. */
export const planted = (folder: string) => `touch ${folder}/${CANARY}; echo ${CANARY}`

const NO_HOOKS = { before: [], after: [] }

/** The plan of a host as notes once carried it whole, with `stages` laid over one that does nothing. */
export function forgedPlan(stages: Readonly<Record<string, object>>): object {
  const usual = {
    prepare: { ...NO_HOOKS, backup: [], download: false, space: {} },
    monitor: { ...NO_HOOKS },
    drain: { ...NO_HOOKS, when: 'always', traffic: [], services: [], wait_for: [], connections: { for: 0 } },
    clean: { ...NO_HOOKS, paths: [] },
    update: { ...NO_HOOKS, packages: 'none', reboot: 'never', apps: [], lock_wait: 5_000, exclude: [] },
    verify: {
      ...NO_HOOKS,
      compare: false,
      security: false,
      checks: [],
      expect_changes: [],
      retry: { for: 0, every: 1_000, passes: 1 },
    },
    golive: { ...NO_HOOKS, watch: 0 },
  }
  const laid = Object.entries(usual).map(([name, stage]) => [name, { ...stage, ...stages[name] }])
  return {
    ...{ name: 'web-1', address: '127.0.0.1', group: 'bad', user: 'maint', port: 22, maintain: true, transport: 'ssh' },
    ...{
      become: 'none',
      becomeDeclared: true,
      jump: null,
      hostKey: [],
      stateDir: null,
      skip: null,
      window: [],
      lines: {},
    },
    ...{
      line: 1,
      scripts: [],
      rollout: { canary: 1, canary_soak: 0, soak: 0, batch: 1, max_unavailable: 1, max_failures: 0 },
    },
    stages: Object.fromEntries(laid),
  }
}
