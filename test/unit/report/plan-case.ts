import type { Plan, PlannedHost } from '../../../src/plan/plan'
import type { PlannedGroup, PlanView } from '../../../src/report/plan-view'
import { hostFacts } from './recording'

/** A host that was asked, with work to do. */
export function planned(name: string, more: Partial<PlannedHost> = {}): PlannedHost {
  return {
    ...hostFacts(name),
    contacted: true,
    why: null,
    remedy: null,
    unreachable: false,
    notAsRoot: null,
    packages: [
      { name: 'curl', from: '7.88.1-10', to: '7.88.1-10+deb12u5', security: false },
      { name: 'nginx', from: '1.22.1-9', to: '1.22.1-9+deb12u1', security: true },
    ],
    listsAgeSeconds: 7_200,
    reboot: 'yes',
    drain: { needed: true, why: 'packages are pending' },
    steps: [
      {
        stage: 'drain',
        id: 'out',
        title: 'Take it out at lb-1',
        place: 'lb-1',
        disruptive: true,
        changes: true,
        undo: 'runner',
      },
    ],
    stops: [],
    notes: [],
    cannotBeUndone: ['Upgrade 2 packages'],
    ...more,
  }
}

export function plan(hosts: readonly PlannedHost[], more: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    configHash: 'c0ffee',
    madeAt: '2026-11-20T10:00:00.000Z',
    admission: [],
    notAvailable: ['clean.hardware'],
    warnings: ['no check covers group db: only the built-in checks and the comparison guard it'],
    hosts,
    ...more,
  }
}

function group(name: string, more: Partial<PlannedGroup> = {}): PlannedGroup {
  const openings = ['Sun 2026-11-22 02:00 – 05:00 (Asia/Jakarta)']
  return { name, needs: [], canary: 1, onFailure: 'hold', openings, isOpen: false, ...more }
}

const fleet = [
  planned('db-1', {
    group: 'db',
    isolation: 'stopped',
    stops: [{ stage: 'monitor', reason: 'disk / is 97% full', rule: null }],
  }),
  planned('web-1'),
  planned('web-2', {
    wave: 1,
    reboot: 'unknown',
    packages: Array.from({ length: 60 }, (_, i) => ({ name: `p${i}`, from: '1', to: '2', security: i === 59 })),
  }),
  planned('web-3', {
    wave: 1,
    isolation: 'exposed',
    contacted: false,
    why: 'connection refused by 192.0.2.13 port 22',
    remedy: 'Check address and port, and that sshd runs',
    unreachable: true,
    packages: null,
    reboot: null,
    drain: null,
    steps: [],
    cannotBeUndone: [],
  }),
]

/** A fleet of two groups with something of everything. */
export const fleetView: PlanView = {
  plan: plan(fleet),
  hash: 'abcdef0123456789abcdef',
  file: 'maintenance.yml',
  groups: [group('db'), group('web', { needs: ['db'], openings: [], isOpen: true })],
  change: null,
  disclose: 'full',
}
