import type { Listener } from '../../../src/facts/listeners'
import type { Mount } from '../../../src/facts/mounts'
import type { Unit } from '../../../src/facts/units'

export function unit(id: string, change: Partial<Unit> = {}): Unit {
  return {
    id,
    load: 'loaded',
    active: 'active',
    sub: 'running',
    enabled: 'enabled',
    restarts: 0,
    mainPid: 100,
    result: 'success',
    type: id.endsWith('.service') ? 'simple' : '',
    remainsAfterExit: false,
    isTransient: false,
    busName: '',
    triggeredBy: [],
    isWanted: true,
    conditionMet: true,
    ...change,
  }
}

export const dead: Partial<Unit> = { active: 'inactive', sub: 'dead', mainPid: 0 }

export function listener(proto: 'tcp' | 'udp', address: string, port: number, process: string | null = null): Listener {
  return { proto, address, port, process, takesIpv4: null }
}

export function mount(target: string, change: Partial<Mount> = {}): Mount {
  return { target, source: '/dev/sda1', type: 'ext4', readOnly: false, ...change }
}
