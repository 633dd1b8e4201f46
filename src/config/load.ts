import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { ConfigError, type Place, type Problem } from '../errors'
import type { InventoryHost } from '../fleet/inventory'
import { readInventory } from '../fleet/inventory-read'
import { readAppends } from './appends'
import { readConfinedFile } from './confined-file'
import { expandedStages } from './expanded-stages'
import { check } from './explain'
import { type FileInput, maintenanceFile } from './file-schema'
import { type GroupLayer, layGroup } from './group-layers'
import { type HostBase, settleHosts } from './hosts'
import { type GroupPart, groupProblems, inOrderOfNeeds, jumpProblems, placeProblems } from './name-rules'
import type { GroupConfig, HostConfig, MaintenanceFile, Script } from './schema'
import { readScripts } from './scripts'
import { findSecrets } from './secret-rules'
import { descend, linesOf, placeOf, type TreeNode } from './tree'
import { MAX_FILE_BYTES, parseYamlTree } from './yaml-tree'

export interface LoadOptions {
  /** Folder that `path` is relative to and must not leave: the workspace, or the current folder of the command line. */
  readonly root: string
}

/**
 * Reads the maintenance file with everything it names: inventory and scripts. Executes nothing.
 * @throws ConfigError with all problems at once, each at its place
 */
export function loadMaintenanceFile(path: string, options: LoadOptions): MaintenanceFile {
  const read = readConfinedFile(options.root, path, MAX_FILE_BYTES)
  if (!read.ok)
    throw new ConfigError([{ file: path, message: read.why }], {
      hint: 'The `config` input names the maintenance file, relative to the repository.',
    })
  const parsed = parseYamlTree(read.bytes, path)
  if (parsed.tree === undefined || parsed.problems.length > 0) throw new ConfigError(inOrder(parsed.problems))
  const { tree, problems } = readAppends(parsed.tree)
  const draft = new Draft(path, join(options.root, dirname(path)), tree)
  const all = [...problems, ...draft.problems()]
  if (all.length > 0) throw new ConfigError(inOrder(all))
  return draft.finished(createHash('sha256').update(read.bytes).digest('hex'))
}

/** A file that is being checked: every rule looks at all of it, so that all problems are told at once. */
class Draft {
  readonly #path: string
  readonly #tree: TreeNode
  readonly #input: { readonly value: FileInput | undefined; readonly problems: readonly Problem[] }
  readonly #inventory: { readonly hosts: readonly InventoryHost[]; readonly problems: readonly Problem[] }
  readonly #settled: { readonly hosts: readonly HostBase[]; readonly problems: readonly Problem[] }
  readonly #layers = new Map<string, GroupLayer>()
  readonly #scripts: { readonly scripts: ReadonlyMap<string, Script>; readonly problems: readonly Problem[] }

  constructor(path: string, folder: string, tree: TreeNode) {
    this.#path = path
    this.#tree = tree
    this.#input = check(maintenanceFile, tree)
    this.#inventory = readInventory(folder, descend(tree, ['inventory']))
    const placeOfHost = (name: string) => keyPlace(tree, ['hosts', name])
    this.#settled =
      this.#input.value === undefined
        ? { hosts: [], problems: [] }
        : settleHosts({ file: this.#input.value, inventory: this.#inventory.hosts, placeOfHost })
    const base = layGroup(tree, null)
    for (const group of this.#groupNames()) {
      this.#layers.set(group, hasLayer(tree, group) ? layGroup(tree, group) : base)
    }
    this.#scripts = readScripts(
      folder,
      [base, ...this.#layers.values()].map((layer) => layer.stagesTree),
    )
  }

  #groupNames(): Set<string> {
    const declared = descend(this.#tree, ['groups'])
    const names = declared?.kind === 'map' ? [...declared.entries.keys()] : []
    return new Set([
      ...names,
      ...this.#settled.hosts.map((host) => host.group).filter((group) => group !== ''),
      'default',
    ])
  }

  problems(): Problem[] {
    return [
      ...this.#input.problems,
      ...this.#inventory.problems,
      ...this.#settled.problems,
      ...[...this.#layers.values()].flatMap((layer) => layer.problems),
      ...this.#scripts.problems,
      ...findSecrets(this.#tree).problems,
      ...(this.#input.value === undefined ? [] : this.#nameProblems(this.#input.value)),
    ]
  }

  #nameProblems(input: FileInput): Problem[] {
    const hosts = new Map(this.#settled.hosts.map((host) => [host.name, host]))
    const groups = this.#groupParts(input)
    const nobody = input.hosts === undefined && input.inventory === undefined
    const empty =
      !nobody &&
      ![...hosts.values()].some((host) => host.maintain) &&
      this.#inventory.problems.length + this.#settled.problems.length === 0
    return [
      ...(nobody ? [{ ...(this.#tree.at ?? {}), path: 'hosts', message: 'is missing (or `inventory`)' }] : []),
      ...(empty
        ? [{ ...(keyPlace(this.#tree, ['hosts']) ?? this.#tree.at ?? {}), message: 'the file has no host to maintain' }]
        : []),
      ...jumpProblems(hosts, (name) => descend(this.#tree, ['hosts', name, 'jump'])?.at ?? null),
      ...placeProblems(groups, hosts),
      ...groupProblems(
        groups.filter((group) => group.at !== null),
        hosts,
        groups.map((group) => group.name),
      ),
    ]
  }

  #groupParts(input: FileInput): GroupPart[] {
    const used = new Set(this.#settled.hosts.map((host) => host.group))
    const names = [...this.#layers.keys()].filter((name) => used.has(name) || input.groups?.[name] !== undefined)
    return names.map((name) => {
      const needs = input.groups?.[name]?.needs ?? []
      const needsAt = needs.map((_, i) => descend(this.#tree, ['groups', name, 'needs', i])?.at ?? null)
      const stages = this.#layers.get(name)?.stagesTree ?? this.#tree
      return { name, needs, needsAt, at: keyPlace(this.#tree, ['groups', name]), stages }
    })
  }

  finished(configHash: string): MaintenanceFile {
    const input = this.#input.value
    if (input === undefined) throw new Error('a file with problems cannot be finished')
    const hosts = new Map(this.#settled.hosts.map((host) => [host.name, this.#host(host)]))
    const uses = findSecrets(this.#tree).uses
    const lines = lazily(() => linesOf(this.#tree, ''))
    return {
      version: 1,
      name: input.name ?? basename(this.#path),
      owner: input.owner ?? null,
      file: this.#path,
      configHash,
      hosts,
      groups: this.#groups(input, hosts),
      scripts: this.#scripts.scripts,
      secrets: [...new Set(uses.map((use) => use.env))].sort(),
      secretUses: uses,
      lineOf: (path) => lines()[path] ?? null,
    }
  }

  #host(base: HostBase): HostConfig {
    const layer = this.#layer(base.group)
    if (layer.stages === undefined || layer.rollout === undefined)
      throw new Error('a group with problems cannot be finished')
    return {
      ...base,
      stages: expandedStages(layer.stages, base),
      rollout: layer.rollout,
      window: layer.window,
      scripts: this.#scripts.scripts,
      lines: layer.lines,
    }
  }

  /** A helper is of no group; it has the values of the file, which nobody uses. */
  #layer(group: string): GroupLayer {
    return this.#layers.get(group) ?? layGroup(this.#tree, null)
  }

  #groups(input: FileInput, hosts: ReadonlyMap<string, HostConfig>): Map<string, GroupConfig> {
    const members = new Map([...this.#layers.keys()].map((name) => [name, [] as string[]]))
    for (const host of hosts.values()) members.get(host.group)?.push(host.name)
    return new Map(
      inOrderOfNeeds(this.#groupParts(input)).flatMap(({ name, needs, at }): [string, GroupConfig][] => {
        const layer = this.#layer(name)
        const rollout = layer.rollout
        if (rollout === undefined) return []
        return [[name, { name, needs, rollout, hosts: members.get(name) ?? [], line: at?.line ?? null }]]
      }),
    )
  }
}

function hasLayer(tree: TreeNode, group: string): boolean {
  return ['stages', 'rollout', 'window'].some((key) => descend(tree, ['groups', group, key]) !== undefined)
}

function keyPlace(tree: TreeNode, path: readonly string[]): Place | null {
  return descend(tree, path) === undefined ? null : placeOf(tree, path)
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** In the order of the file, each once: a value that several groups share is told once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((p) => [`${p.file}:${p.line}:${p.column}:${p.message}`, p]))
  return [...once.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}
