/** One value of the maintenance file as written; `null`: it was not there, or is not any more. */
export interface ValueChange {
  /** `stages.update.packages`, `groups.db.needs` */
  readonly path: string
  readonly from: string | null
  readonly to: string | null
}

export interface HostChange {
  readonly name: string
  readonly changes: readonly ValueChange[]
}

/** What differs between two versions of a maintenance file. */
export interface FileChange {
  readonly hostsAdded: readonly string[]
  readonly hostsRemoved: readonly string[]
  readonly hostsChanged: readonly HostChange[]
  /** Checks of all stages and groups, as written. */
  readonly checks: readonly ValueChange[]
  readonly stages: readonly ValueChange[]
  /** Windows, rollout, groups, names, announcements. */
  readonly rest: readonly ValueChange[]
}

type Data = Readonly<Record<string, unknown>>

/** Two versions of a maintenance file as plain data, compared by what is written in them. Pure. */
export function changeOfFile(base: unknown, head: unknown): FileChange {
  const [before, after] = [dataOf(base), dataOf(head)]
  const [hostsBefore, hostsAfter] = [dataOf(before.hosts), dataOf(after.hosts)]
  const kept = Object.keys(hostsAfter).filter((name) => Object.hasOwn(hostsBefore, name))
  const settings = compare({ ...before, hosts: null }, { ...after, hosts: null }, '')
  const isCheck = ({ path }: ValueChange) => /(?:^|\.)checks\+?(?:$|\[)/.test(path)
  const isStage = ({ path }: ValueChange) => /(?:^|\.)stages(?:$|\.)/.test(path)
  return {
    hostsAdded: Object.keys(hostsAfter).filter((name) => !Object.hasOwn(hostsBefore, name)),
    hostsRemoved: Object.keys(hostsBefore).filter((name) => !Object.hasOwn(hostsAfter, name)),
    hostsChanged: kept
      .map((name) => ({ name, changes: compare(hostsBefore[name], hostsAfter[name], '') }))
      .filter(({ changes }) => changes.length > 0),
    checks: settings.filter(isCheck),
    stages: settings.filter((change) => isStage(change) && !isCheck(change)),
    rest: settings.filter((change) => !isStage(change) && !isCheck(change)),
  }
}

/** Whether both versions say the same. */
export function isUnchanged(change: FileChange): boolean {
  return Object.values(change).every((part: readonly unknown[]) => part.length === 0)
}

function compare(before: unknown, after: unknown, path: string): readonly ValueChange[] {
  if (isData(before) && isData(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) =>
      compare(memberOf(before, key), memberOf(after, key), path === '' ? key : `${path}.${key}`),
    )
  }
  // A map that came or went as a whole is told value by value, so that each has its own line.
  if (isData(after) && isNothing(before)) return compare({}, after, path)
  if (isData(before) && isNothing(after)) return compare(before, {}, path)
  if (Array.isArray(before) || Array.isArray(after)) return compareLists(listOf(before), listOf(after), path)
  return textOf(before) === textOf(after) ? [] : [{ path, from: textOf(before), to: textOf(after) }]
}

/** Items have no names: what is in one list only was taken out or added. The same items in another order are a change. */
function compareLists(before: readonly string[], after: readonly string[], path: string): readonly ValueChange[] {
  const removed = withoutItems(before, after).map((from): ValueChange => ({ path, from, to: null }))
  const added = withoutItems(after, before).map((to): ValueChange => ({ path, from: null, to }))
  if (removed.length > 0 || added.length > 0 || before.join('\n') === after.join('\n')) return [...removed, ...added]
  return [{ path, from: before.join(', '), to: after.join(', ') }]
}

function withoutItems(items: readonly string[], without: readonly string[]): readonly string[] {
  const left = [...without]
  return items.filter((item) => {
    const at = left.indexOf(item)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

function listOf(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return items.map((item) => textOf(item) ?? '')
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function memberOf(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dataOf(value: unknown): Data {
  return isData(value) ? value : {}
}
