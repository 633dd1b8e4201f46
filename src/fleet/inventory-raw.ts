import type { Place, Problem } from '../errors'

/** Stands for a value with a tag, such as `!vault`: it fits no fact of a connection. */
export const TAGGED = '(tagged)'

/** A variable of a host or group as written. */
export interface Variable {
  readonly value: string
  readonly at: Place
}
export type Variables = Map<string, Variable>

export interface RawGroup {
  readonly hosts: Set<string>
  readonly children: Set<string>
  readonly variables: Variables
}

/** What the three forms of an inventory have in common, before anything is decided. */
export class RawInventory {
  readonly hosts = new Map<string, { readonly variables: Variables; readonly at: Place }>()
  readonly groups = new Map<string, RawGroup>()
  /** Of `group_vars/` and `host_vars/`, which are laid over what the inventory itself says. */
  readonly groupFiles = new Map<string, Variables>()
  readonly hostFiles = new Map<string, Variables>()
  readonly problems: Problem[] = []
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Where something stands that has no line of its own. */
  get start(): Place {
    return { file: this.#file, line: 1, column: 1, path: '' }
  }

  group(name: string): RawGroup {
    const known = this.groups.get(name)
    if (known !== undefined) return known
    const made: RawGroup = { hosts: new Set(), children: new Set(), variables: new Map() }
    this.groups.set(name, made)
    return made
  }

  /** The host, made when it is new. Variables of later lines are laid over earlier ones. */
  addHost(name: string, group: string, variables: Variables, at: Place): void {
    const known = this.hosts.get(name) ?? { variables: new Map(), at }
    for (const [key, variable] of variables) known.variables.set(key, variable)
    this.hosts.set(name, known)
    this.group(group).hosts.add(name)
  }

  problem(at: Place, message: string): void {
    this.problems.push({ ...at, message })
  }
}
