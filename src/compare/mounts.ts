import type { CheckResult } from '../checks/check'
import type { Mount, Mounts } from '../facts/mounts'
import { result } from './side-by-side'

/** A mount has to be there, and writable where it was. Another source, and a new mount, are told. */
export function compareMounts(before: Mounts, now: Mounts): CheckResult[] {
  const nowByTarget = new Map(now.items.map((mount) => [mount.target, mount]))
  const targets = new Set(before.items.map((mount) => mount.target))
  const kept = before.items.map((mount) => judgeMount(mount, nowByTarget.get(mount.target), now.automounts))
  const fresh = now.items
    .filter((mount) => !targets.has(mount.target))
    .map((mount) =>
      result(`mount:${mount.target}`, 'warn', 'as before: not mounted', `${mount.source} (${mount.type})`),
    )
  return [...kept, ...fresh]
}

function judgeMount(before: Mount, now: Mount | undefined, automounts: readonly string[]): CheckResult {
  const id = `mount:${before.target}`
  const expected = `mounted, ${before.readOnly ? 'read-only' : 'writable'}`
  if (now === undefined) {
    const automount = automounts.find((place) => before.target === place || before.target.startsWith(`${place}/`))
    if (automount === undefined) return result(id, 'fail', expected, 'not mounted')
    return result(id, 'pass', expected, `not mounted now; the automount ${automount} does so on first use`)
  }
  if (now.readOnly && !before.readOnly) return result(id, 'fail', expected, 'read-only')
  if (now.type !== before.type || !isSameSource(before.source, now.source)) {
    return result(id, 'warn', `${before.source} (${before.type})`, `${now.source} (${now.type})`)
  }
  if (before.readOnly && !now.readOnly) return result(id, 'warn', expected, 'writable')
  return result(id, 'pass', expected, expected)
}

/** Names of disks (`sda1`, `dm-0`) may change places at each boot: only a source of another kind is a change. */
function isSameSource(before: string, now: string): boolean {
  return before === now || (before.startsWith('/dev/') && now.startsWith('/dev/'))
}
