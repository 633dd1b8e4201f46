import type { CheckResult } from '../checks/check'
import type { Mount, Mounts } from '../facts/mounts'
import { result } from './side-by-side'

/** A mount has to be there, and writable where it was. Another source, and a new mount, are told. */
export function compareMounts(before: Mounts, now: Mounts): CheckResult[] {
  const nowByTarget = new Map(now.items.map((mount) => [mount.target, mount]))
  const targets = new Set(before.items.map((mount) => mount.target))
  const then = {
    byTarget: new Map(before.items.map((mount) => [mount.target, mount])),
    homesByLogin: before.homesByLogin === true,
  }
  const automounts = new Set(now.automounts)
  const kept = before.items.map((mount) => judgeMount(mount, nowByTarget.get(mount.target), then, automounts))
  const fresh = now.items
    .filter((mount) => !targets.has(mount.target))
    .map((mount) =>
      result(`mount:${mount.target}`, 'warn', 'as before: not mounted', `${mount.source} (${mount.type})`),
    )
  return [...kept, ...fresh]
}

interface Then {
  readonly homesByLogin: boolean
  readonly byTarget: ReadonlyMap<string, Mount>
}

/** `/a/b`, `/a`: the path and what is above it, nearest first. A host may list tens of thousands, so they are looked up. */
function* upwards(path: string): Generator<string> {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end)
}

function nearest(path: string, places: ReadonlySet<string>): string | undefined {
  for (const place of upwards(path)) if (places.has(place)) return place
  return undefined
}

function judgeMount(before: Mount, now: Mount | undefined, then: Then, automounts: ReadonlySet<string>): CheckResult {
  const id = `mount:${before.target}`
  const expected = `mounted, ${before.readOnly ? 'read-only' : 'writable'}`
  if (now === undefined) {
    const automount = nearest(before.target, automounts)
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
function comesOnAccess(mount: Mount, { byTarget, homesByLogin }: Then): string | undefined {
  if (isWithinShare(mount, byTarget)) return 'the share above it mounts it on first use'
  const isHome = homesByLogin && /^\/home\/[^/]+/.test(mount.target) && OF_HOMES.test(mount.type)
  return isHome ? 'a login mounts the home of its user' : undefined
}

const OF_HOMES = /^(?:nfs4?|cifs|smb3|ncpfs|fuse(?:\..+)?)$/

/**
 * A file system that a server has below a share it exports is mounted by the kernel when somebody looks into it, and goes
 * when nobody does (crossmnt of exports(5), DFS of CIFS): same server, a longer path, below the mount of the share.
 */
function isWithinShare(mount: Mount, all: ReadonlyMap<string, Mount>): boolean {
  const path = sharePath(mount)
  if (path === null) return false
  for (const place of [...upwards(mount.target), '/']) {
    const above = all.get(place)
    if (above === undefined || above === mount || above.type !== mount.type) continue
    const shared = sharePath(above)
    if (shared === null || !isBelow(mount.target, above.target)) continue
    if (path.server === shared.server && isBelow(path.path, shared.path)) return true
  }
  return false
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
