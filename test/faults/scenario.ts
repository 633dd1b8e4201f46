import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Offer } from '../lab/apt-repository'
import type { Lab } from '../lab/lab'

/**
 * How users are kept out: by a load balancer (the undo lies on another machine), by a packet filter on the host itself
 * (the dead man can undo it), or by stopped services only.
 */
export const VARIANTS = ['balancer', 'gate', 'stopped'] as const
export type Variant = (typeof VARIANTS)[number]

export const TARGETS = ['web-1', 'web-2'] as const
export type Target = (typeof TARGETS)[number]
/** Every strike is at this host or its run; the other one shows the budget. */
export const STRUCK: Target = 'web-1'
export const HELPER = 'lb-1'

/** What the repositories offer: a good update, or one whose service runs and is not healthy. */
export function offerOf(isBroken: boolean): Offer {
  return { main: [isBroken ? 'demo-web=3.0' : 'demo-web=2.0', 'demo-slow=2.0', 'demo-reboot=2.0'] }
}

const BALANCER = { drain: './balancer.sh out', undrain: './balancer.sh in', state: './balancer.sh', on: HELPER }
const GATE = { drain: './gate.sh out', undrain: './gate.sh in', state: './gate.sh' }

function trafficOf(variant: Variant): readonly unknown[] {
  if (variant === 'stopped') return []
  return [{ command: variant === 'balancer' ? BALANCER : GATE }]
}

/** A line on the host that only the host itself writes: how often did this command run, and when? */
const hook = (stage: string) => ({ before: [{ run: `witness hook.${stage}` }] })

/** All seven stages, with waits of seconds. */
function fileOf(lab: Lab, variant: Variant): unknown {
  const own = Object.fromEntries(TARGETS.map((name) => [name, { address: lab.host(name).address, group: 'web' }]))
  const helper = { [HELPER]: { address: lab.host(HELPER).address, maintain: false, user: 'root' } }
  return {
    version: 1,
    ssh: { user: 'maint' },
    hosts: variant === 'balancer' ? { ...own, ...helper } : own,
    rollout: { canary: 1, canary_soak: '0s', soak: '0s', max_unavailable: 1 },
    stages: {
      prepare: {
        ...hook('prepare'),
        backup: [{ archive: { paths: ['/etc/demo-conf.conf'], to: '/var/backups/pitstop' } }],
      },
      // The load is that of the machine that carries the lab, and says nothing about a host.
      monitor: { ...hook('monitor'), sample: '0s', limits: { load_per_core: false } },
      drain: { ...hook('drain'), traffic: trafficOf(variant), services: ['demo-web'], connections: { for: '0s' } },
      clean: hook('clean'),
      update: {
        ...hook('update'),
        lock_wait: '60s',
        reboot_stable: '1s',
        reboot_timeout: '20s',
        apps: [{ name: 'site', run: 'witness app; sleep 0.3' }],
      },
      verify: {
        ...hook('verify'),
        checks: [
          { http: { url: 'http://localhost:8080/health' } },
          { command: { name: 'smoke', run: 'curl -sf http://localhost:8080/health >/dev/null && witness smoke' } },
        ],
        retry: { for: '15s', every: '1s', passes: 2 },
      },
      golive: { ...hook('golive'), watch: '1s' },
    },
  }
}

/** haproxy, asked and told over its socket; each act leaves a line of the time when it had been done. */
const BALANCER_SH = `#!/bin/sh
ask() { echo "$1" | socat - UNIX-CONNECT:/run/haproxy/admin.sock; }
case $1 in
  out) ask "set server web/$PITSTOP_HOST state maint"; witness traffic.out "$PITSTOP_HOST" ;;
  in) witness traffic.in "$PITSTOP_HOST"; ask "set server web/$PITSTOP_HOST state ready" ;;
  '') ask 'show servers state web' | while read -r _ _ _ name _ op admin _; do
    [ "$name" = "$PITSTOP_HOST" ] || continue
    if [ "$admin" = 1 ]; then echo out; else echo in; fi
  done ;;
esac
`

/** A packet filter that outlives a reboot: users are refused, the host itself is not. */
const GATE_SH = `#!/bin/sh
case $1 in
  out) : >/etc/users-out && users-gate && witness traffic.out ;;
  in) witness traffic.in; rm -f /etc/users-out && users-gate ;;
  '') if nft list table inet users >/dev/null 2>&1; then echo out; else echo in; fi ;;
esac
`

/** A repository as its owner has it: the maintenance file and its scripts. */
export async function writeWorkspace(folder: string, lab: Lab, variant: Variant): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'maintenance.yml'), stringify(fileOf(lab, variant)))
  await writeFile(join(folder, 'balancer.sh'), BALANCER_SH, { mode: 0o755 })
  await writeFile(join(folder, 'gate.sh'), GATE_SH, { mode: 0o755 })
}
