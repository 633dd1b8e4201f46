import type { CheckResult } from '../checks/check'
import type { Mount, Mounts } from '../facts/mounts'
import { result } from './side-by-side'

/** A mount has to be there, and writable where it was. Another source, and a new mount, are told. */
export function compareMounts(before: Mounts, now: Mounts): CheckResult[] {
  const nowByTarget = new Map(now.items.map((mount) => [mount.target, mount]))
  const targets = new Set(before.items.map((mount) => mount.target))
  const kept = before.items.map((mount) => judgeMount(mount, nowByTarget.get(mount.target), before, now.automounts))
  const fresh = now.items
    .filter((mount) => !targets.has(mount.target))
    .map((mount) =>
      result(`mount:${mount.target}`, 'warn', 'as before: not mounted', `${mount.source} (${mount.type})`),
    )
  return [...kept, ...fresh]
}

function judgeMount(before: Mount, now: Mount | undefined, then: Mounts, automounts: readonly string[]): CheckResult {
  const id = `mount:${before.target}`
  const expected = `mounted, ${before.readOnly ? 'read-only' : 'writable'}`
  if (now === undefined) {
    const automount = automounts.find((place) => before.target === place || before.target.startsWith(`${place}/`))
    const why = automount === undefined ? comesOnAccess(before, then) : undefined
    if (why !== undefined) return result(id, 'warn', expected, `not mounted; ${why}`)
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

/** What mounts it without anybody setting it up, if anything: it may be gone without anything being wrong. */
function comesOnAccess(mount: Mount, { items, homesByLogin }: Mounts): string | undefined {
  if (isWithinShare(mount, items)) return 'the share above it mounts it on first use'
  const isHome = homesByLogin === true && /^\/home\/[^/]+/.test(mount.target) && OF_HOMES.test(mount.type)
  return isHome ? 'a login mounts the home of its user' : undefined
}

const OF_HOMES = /^(?:nfs4?|cifs|smb3|ncpfs|fuse(?:\..+)?)$/

/**
 * A file system that a server has below a share it exports is mounted by the kernel when somebody looks into it, and goes
 * when nobody does (crossmnt of exports(5), DFS of CIFS): same server, a longer path, below the mount of the share.
 */
function isWithinShare(mount: Mount, all: readonly Mount[]): boolean {
  const path = sharePath(mount)
  return all.some((above) => {
    const shared = sharePath(above)
    if (path === null || shared === null || above === mount || above.type !== mount.type) return false
    return isBelow(mount.target, above.target) && path.server === shared.server && isBelow(path.path, shared.path)
  })
}

/** `nas:/vol/sub` of NFS, `//nas/share/dir` of CIFS; null for what is no share. */
function sharePath({ source, type }: Mount): { readonly server: string; readonly path: string } | null {
  const shape = /^nfs4?$/.test(type) ? /^(\S+?):(\/.*)$/ : /^(?:cifs|smb3)$/.test(type) ? /^\/\/([^/]+)(\/.*)$/ : null
  const [, server, path] = shape?.exec(source) ?? []
  return server === undefined || path === undefined ? null : { server, path }
}

function isBelow(path: string, above: string): boolean {
  return path !== above && path.startsWith(above.endsWith('/') ? above : `${above}/`)
}

/** Names of disks (`sda1`, `dm-0`) may change places at each boot: only a source of another kind is a change. */
function isSameSource(before: string, now: string): boolean {
  return before === now || (before.startsWith('/dev/') && now.startsWith('/dev/'))
}
