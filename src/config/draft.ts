import { basename } from 'node:path'
import type { Place, Problem } from '../errors'
import type { Inventory } from '../fleet/inventory'
import { readInventory } from '../fleet/inventory-read'
import { alikeChecks } from './alike-checks'
import { announceConfig } from './announce'
import { expandedStages } from './expanded-stages'
import { check } from './explain'
import { type FileInput, maintenanceFile } from './file-schema'
import { type GroupLayer, layGroup } from './group-layers'
import { type HostBase, settleHosts } from './hosts'
import { type GroupPart, groupProblems, inOrderOfNeeds, jumpProblems, placeProblems } from './name-rules'
import { placeholderProblems } from './placeholders'
import { hostlessProblems, type ReadableParts, readableParts } from './readable-parts'
import type { GroupConfig, HostConfig, MaintenanceFile } from './schema'
import { readScripts } from './scripts'
import { findSecrets } from './secret-rules'
import { descend, linesOf, placeOf, type TreeNode } from './tree'

/** A file that is being checked: every rule looks at all of it, so that all problems are told at once. */
export class Draft {
  readonly #path: string
  readonly #tree: TreeNode
  readonly #input: { readonly value: FileInput | undefined; readonly problems: readonly Problem[] }
  readonly #parts: ReadableParts
  readonly #inventory: Inventory
  readonly #settled: ReturnType<typeof settleHosts>
  /** What holds for a group that says nothing of its own, and for helpers. */
  readonly #base: GroupLayer
  readonly #layers: ReadonlyMap<string, GroupLayer>
  readonly #scripts: ReturnType<typeof readScripts>
  readonly #secrets: ReturnType<typeof findSecrets>

  /** `path` as given, for messages; `folder` is where it lies; `tree` is what it says. */
  constructor(path: string, folder: string, tree: TreeNode) {
    this.#path = path
    this.#tree = tree
    this.#input = check(maintenanceFile, tree)
    this.#parts = readableParts(tree, this.#input.value)
    this.#inventory = readInventory(folder, descend(tree, ['inventory']))
    const placeOfHost = (name: string, key?: string) =>
      placeOfKey(tree, ['hosts', name, ...(key === undefined ? [] : [key])])
    this.#settled = settleHosts({ parts: this.#parts, inventory: this.#inventory.hosts, placeOfHost })
    this.#base = layGroup(tree, null)
    this.#layers = this.#groupLayers()
    const trees = [this.#base, ...this.#layers.values()].map((layer) => layer.stagesTree)
    this.#scripts = readScripts(folder, [...new Set(trees)])
    this.#secrets = findSecrets(tree)
  }

  /** Of every group that is declared or has a host. */
  #groupLayers(): Map<string, GroupLayer> {
    const names = new Set(this.#parts.groups.map((group) => group.name))
    for (const host of this.#settled.hosts) if (host.maintain) names.add(host.group)
    return new Map(
      [...names].map((name) => [name, hasLayer(this.#tree, name) ? layGroup(this.#tree, name) : this.#base]),
    )
  }

  problems(): Problem[] {
    const ofSchema = [
      ...this.#input.problems,
      ...[this.#base, ...this.#layers.values()].flatMap((layer) => layer.problems),
    ]
    return [
      ...ofSchema,
      ...this.#inventory.problems,
      ...this.#settled.problems,
      ...this.#scripts.problems,
      ...[...this.#secrets.problems, ...placeholderProblems(this.#tree)].filter(
        (problem) => !isBelow(problem, ofSchema),
      ),
      ...this.#nameProblems(),
    ]
  }

  #nameProblems(): Problem[] {
    const hosts = new Map(this.#settled.hosts.map((host) => [host.name, host]))
    const names = new Set([...this.#parts.hostNames, ...hosts.keys()])
    const targets = [...hosts.values()].filter((host) => host.maintain).length
    // With hosts left out for problems of their own, "no host" could be said of a group or file that has one.
    const complete = hosts.size === names.size && this.#inventory.problems.length === 0
    const groups = this.#groupParts()
    return [
      ...hostlessProblems(this.#tree, targets, complete),
      ...jumpProblems(this.#parts.jumps, names),
      ...placeProblems(groups, hosts, names),
      ...groupProblems(groups, this.#usedGroups(hosts)),
      ...alikeChecks(this.#base.stagesTree, []),
      ...groups.flatMap(({ name, stages }) =>
        alikeChecks(
          stages,
          [...hosts.values()].filter((host) => host.group === name),
        ),
      ),
    ]
  }

  /** Also those of hosts with a problem of their own; null where one of them cannot be read. */
  #usedGroups(hosts: ReadonlyMap<string, HostBase>): ReadonlySet<string> | null {
    if (this.#inventory.problems.length > 0) return null
    const used = new Set([...hosts.values()].map((host) => host.group))
    for (const [name, group] of this.#parts.namedGroups) {
      if (hosts.has(name)) continue
      if (group === null) return null
      used.add(group)
    }
    return used
  }

  #groupParts(): GroupPart[] {
    const written = new Map(this.#parts.groups.map((group) => [group.name, group]))
    return [...this.#layers].map(([name, layer]) => {
      const group = written.get(name)
      return { name, needs: group?.needs ?? [], at: group?.at ?? null, stages: layer.stagesTree }
    })
  }

  /** Call it only when there are no problems. */
  finished(configHash: string): MaintenanceFile {
    const input = this.#input.value
    if (input === undefined) throw new Error('a file with problems cannot be finished')
    const { uses } = this.#secrets
    const lines = lazily(() => linesOf(this.#tree, ''))
    return {
      version: 1,
      name: input.name ?? basename(this.#path),
      owner: input.owner ?? null,
      file: this.#path,
      configHash,
      hosts: new Map(this.#settled.hosts.map((host) => [host.name, this.#host(host)])),
      groups: this.#groups(),
      scripts: this.#scripts.scripts,
      announce: announceConfig(input.announce),
      maxFailures: descend(this.#tree, ['rollout', 'max_failures']) === undefined ? null : input.rollout.max_failures,
      secrets: [...new Set(uses.map((use) => use.env))].sort(),
      secretUses: uses,
      notes: this.#settled.notes,
      lineOf: (path) => lines()[path] ?? null,
    }
  }

  #host(base: HostBase): HostConfig {
    const { stages, rollout, window, lines } = this.#layers.get(base.group) ?? this.#base
    if (stages === undefined || rollout === undefined) throw new Error('a group with problems cannot be finished')
    // Spread last: in V8 keys that are added behind a spread cost thirty times as much, and there are many hosts.
    return { stages: expandedStages(stages, base), rollout, window, lines, scripts: this.#scripts.scripts, ...base }
  }

  #groups(): Map<string, GroupConfig> {
    const members = new Map([...this.#layers.keys()].map((name) => [name, [] as string[]]))
    for (const host of this.#settled.hosts) if (host.maintain) members.get(host.group)?.push(host.name)
    const groups = inOrderOfNeeds(this.#groupParts()).flatMap(({ name, needs, at }): GroupConfig[] => {
      const rollout = this.#layers.get(name)?.rollout
      if (rollout === undefined) return []
      const line = at?.line ?? null
      return [{ name, needs: needs.map((need) => need.name), rollout, hosts: members.get(name) ?? [], line }]
    })
    return new Map(groups.map((group) => [group.name, group]))
  }
}

/** What is refused as a whole, such as a kind of a later version, is not judged inside. */
function isBelow({ path }: Problem, refused: readonly Problem[]): boolean {
  return refused.some((whole) => whole.path !== undefined && path?.startsWith(`${whole.path}.`))
}

function hasLayer(tree: TreeNode, group: string): boolean {
  return ['stages', 'rollout', 'window'].some((key) => descend(tree, ['groups', group, key]) !== undefined)
}

function placeOfKey(tree: TreeNode, path: readonly string[]): Place | null {
  return descend(tree, path) === undefined ? null : placeOf(tree, path)
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
