import type { CheckEntry } from '../config/schema'
import { command } from './command'
import { http } from './http'
import { type CheckKind, type Probe, type ProbeBuild, unreadable } from './probe'
import { service } from './service'
import { tcp } from './tcp'

/** Every kind of declared check. */
const CHECK_KINDS: readonly CheckKind[] = [http, tcp, service, command]

/** One probe an entry. An entry that no kind knows becomes a probe that is `unknown`: it is never dropped. */
export function declaredProbes(entries: readonly CheckEntry[], build: ProbeBuild): readonly Probe[] {
  return entries.map((entry, index) => {
    const probes = CHECK_KINDS.map((kind) => kind.probe(entry, build)).filter((probe) => probe !== null)
    return probes[0] ?? unheardOf(entry, index)
  })
}

function unheardOf(entry: CheckEntry, index: number): Probe {
  const kind = Object.keys(entry)[0] ?? 'check'
  return {
    id: `${kind}:${index + 1}`,
    kind,
    expected: 'a check of a known kind',
    timeoutMs: 0,
    run: async () => unreadable(`this version cannot run a check of the kind ${kind}`),
  }
}
