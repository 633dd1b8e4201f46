import type { HostConfig } from '../config/schema'
import { readHostState } from './host-memory'
import { fileHash } from './host-window'
import type { RunContext } from './run-context'

/** Openings that any of the hosts has in its ledger, by a look that takes no lease. A host out of reach has said nothing. */
export async function ledgerOpenings(x: RunContext, hosts: readonly HostConfig[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(hosts.map((host) => openingOf(x, host)))
  return new Set(found.flatMap((o) => o ?? []))
}

async function openingOf(x: RunContext, host: HostConfig): Promise<string | null> {
  try {
    await using machine = await x.machines.open(host, x.io.signal)
    const state = await readHostState(machine, x.io.signal)
    const [hash, opening] = state?.ledger.split('@') ?? []
    return hash === fileHash(x.file) && opening !== undefined ? opening : null
  } catch {
    return null
  }
}
