import type { HostConfig } from '../config/schema'
import { MaintenanceError } from '../errors'

/** What is known of the machine behind an entry of the file. */
export interface Known {
  readonly host: HostConfig
  /** What it says itself; empty: nothing. */
  readonly machineId: string
  /** Fingerprint of the host key it proved to have; null: the transport does not tell. */
  readonly hostKey: string | null
}

/**
 * Two entries for one machine would maintain it twice, at once. A machine id is a word that any host may take from another:
 * it refuses nobody by itself, or a host could keep others from their maintenance. What proves the machine is the host key;
 * where no key is known on either side, the same address.
 */
export class OwnMachines {
  readonly #met: Known[] = []
  readonly #say: (sentence: string) => void

  /** @param say for what a person should look at, and what refuses nobody */
  constructor(say: (sentence: string) => void) {
    this.#say = say
  }

  /** @throws MaintenanceError where another entry is this machine */
  require(known: Known): void {
    if (known.machineId === '' || this.#met.some((one) => one.host.name === known.host.name)) return
    const alike = this.#met.filter((one) => one.machineId === known.machineId && !areApart(one.host, known.host))
    const same = alike.find((one) => isSame(one, known))
    if (same !== undefined) throw refusal(known.host.name, same.host.name)
    this.#met.push(known)
    for (const one of alike) this.#say(clash(one, known))
  }
}

/** Each has a lock and a folder of its own: two logins of one machine that share nothing. */
const areApart = (a: HostConfig, b: HostConfig) => hasOwnLock(a) && hasOwnLock(b) && a.stateDir !== b.stateDir

export const hasOwnLock = (host: HostConfig) => host.becomeDeclared && host.become === 'none' && host.stateDir !== null

function isSame(a: Known, b: Known): boolean {
  if (a.hostKey !== null && b.hostKey !== null) return a.hostKey === b.hostKey
  if (a.host.transport === 'local' && b.host.transport === 'local') return true
  return a.host.address === b.host.address && a.host.port === b.host.port
}

const GIVE_OWN = 'as root there: rm /etc/machine-id; systemd-machine-id-setup, then reboot it'

function refusal(name: string, other: string): MaintenanceError {
  return new MaintenanceError(`${name} and ${other} are the same machine (one machine id)`, {
    hint: `Keep one of them, or give each \`become: none\` and a \`state_dir\` of its own. If one was cloned from the other, give it an id of its own, ${GIVE_OWN}.`,
  })
}

function clash(a: Known, b: Known): string {
  const proof = a.hostKey === null || b.hostKey === null ? 'at different addresses' : 'behind different host keys'
  return `${a.host.name} and ${b.host.name} say the same machine id ${proof}: one was cloned from the other, or does not tell the truth. Both are worked on. Give the clone an id of its own, ${GIVE_OWN}`
}
