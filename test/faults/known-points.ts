import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Variant } from './scenario'

const fileIn = (folder: string) => join(folder, 'points.json')

/** Keeps the events of a run that nobody struck, in order: the rows of the page. */
export function keepPoints(folder: string, points: ReadonlyMap<Variant, readonly string[]>): void {
  const known = existsSync(fileIn(folder)) ? (JSON.parse(readFileSync(fileIn(folder), 'utf8')) as object) : {}
  writeFileSync(fileIn(folder), JSON.stringify({ ...known, ...Object.fromEntries(points) }, null, 1))
}

/** Every event of any variant, in the order of a run. Empty where no campaign ran in the folder. */
export function knownPoints(folder: string): readonly string[] {
  if (!existsSync(fileIn(folder))) return []
  const byVariant = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Record<string, readonly string[]>
  return Object.values(byVariant).reduce<readonly string[]>(merged, [])
}

/** What the one list lacks comes behind the event that it follows in the other. */
function merged(one: readonly string[], other: readonly string[]): readonly string[] {
  const all = [...one]
  for (const [i, point] of other.entries()) {
    if (!all.includes(point)) all.splice(all.indexOf(other[i - 1] ?? '') + 1, 0, point)
  }
  return all
}
