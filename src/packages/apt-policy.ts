/** What apt would choose of one package, and how much it thinks of each version. */
interface Policy {
  readonly candidate: string
  readonly priorities: ReadonlyMap<string, number>
}
export type Policies = ReadonlyMap<string, Policy>

// `  Candidate: 1.1`, ` *** 1.0 100` (the installed one), `     2.0 500`, and below each its sources: `        500 http://… `.
const CANDIDATE = /^ {2}Candidate: (\S+)$/
const VERSION = /^ (?:\*\*\*| {3}) (\S+) (-?\d{1,6})$/
const SOURCE = /^ {8} *(-?\d{1,6}) \S/

/** What `apt-cache policy` prints. A version of apt before 1.1 has 0 behind it: then its best source counts. */
export function parsePolicy(rows: readonly string[]): Policies {
  const found = new Map<string, { candidate: string; priorities: Map<string, number> }>()
  let [current, version]: [{ candidate: string; priorities: Map<string, number> } | undefined, string] = [undefined, '']
  for (const row of rows) {
    const name = /^(\S+):$/.exec(row)?.[1]
    if (name !== undefined) {
      current = { candidate: '', priorities: new Map() }
      found.set(name, current)
    }
    if (current === undefined) continue
    current.candidate = CANDIDATE.exec(row)?.[1] ?? current.candidate
    const [, named, priority] = VERSION.exec(row) ?? []
    if (named !== undefined) {
      version = named
      if (Number(priority) !== 0) current.priorities.set(named, Number(priority))
    } else {
      const source = SOURCE.exec(row)?.[1]
      const known = current.priorities.get(version)
      if (source !== undefined && known === undefined) current.priorities.set(version, Number(source))
    }
  }
  return found
}

/** Whether apt thinks less of the version than of the one it would install; unknown is no. */
export function belowCandidate(policies: Policies, name: string, version: string): boolean {
  const policy = policies.get(name)
  const [own, chosen] = [policy?.priorities.get(version), policy?.priorities.get(policy.candidate)]
  return own !== undefined && chosen !== undefined && own < chosen
}
