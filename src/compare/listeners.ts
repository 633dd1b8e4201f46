import type { CheckResult } from '../checks/check'
import { isDrawn, type Listener, type Listeners, listenerKey } from '../facts/listeners'
import { result } from './side-by-side'

/** A listener has to stay, unless its port may be drawn by chance; what moved, and what is new, is told. */
export function compareListeners(before: Listeners, now: Listeners): CheckResult[] {
  const nowByKey = new Map(now.items.map((listener) => [listenerKey(listener), listener]))
  const beforeKeys = new Set(before.items.map(listenerKey))
  const [drawnBefore, drawnNow, onAll] = [drawnBy(before), drawnBy(now), wildcardsOf(now.items)]
  const kept = before.items.flatMap((listener) => {
    const still = nowByKey.get(listenerKey(listener))
    if (!isDrawn(listener, before)) return [judgeListener(listener, still, onAll.get(portOf(listener)) ?? [])]
    return still !== undefined || !isMissed(listener, drawnBefore, drawnNow) ? [] : [goneFromRange(listener)]
  })
  const fresh = now.items
    .filter((listener) => !isDrawn(listener, now) && !beforeKeys.has(listenerKey(listener)))
    .map((listener) => result(portId(listener), 'warn', 'as before: no listener', `listens${byWhom(listener)}`))
  return [...kept, ...fresh]
}

/**
 * Whether a service may have lost a port of the range: fewer ports of it are there than before, while one that draws its
 * ports has as many after each start. UDP sockets of clients come and go by the second: of those it has none any more.
 */
function isMissed(listener: Listener, before: Counts, now: Counts): boolean {
  if (listener.process === null) return false
  const count = (of: Counts) => of.get(ownerOf(listener)) ?? 0
  return listener.proto === 'tcp' ? count(now) < count(before) : count(now) === 0
}

type Counts = ReadonlyMap<string, number>

const ownerOf = ({ proto, process }: Listener) => `${proto} ${process}`
const portOf = ({ proto, port }: Listener) => `${proto} ${port}`

/** How many ports each service has drawn: counted once, for a host may list tens of thousands. */
function drawnBy(all: Listeners): Counts {
  const counts = new Map<string, number>()
  for (const one of all.items) if (isDrawn(one, all)) counts.set(ownerOf(one), (counts.get(ownerOf(one)) ?? 0) + 1)
  return counts
}

/** Those on all addresses, by port: two at most for each. */
function wildcardsOf(all: readonly Listener[]): ReadonlyMap<string, readonly Listener[]> {
  const found = new Map<string, readonly Listener[]>()
  for (const one of all)
    if (one.address === '0.0.0.0' || one.address === '[::]')
      found.set(portOf(one), [...(found.get(portOf(one)) ?? []), one])
  return found
}

function goneFromRange(listener: Listener): CheckResult {
  const actual = 'gone; the port may have been drawn by chance'
  return result(portId(listener), 'warn', `listens${byWhom(listener)}`, actual)
}

/** `port:tcp/0.0.0.0:80` */
function portId(listener: Listener): string {
  return `port:${listenerKey(listener)}`
}

function byWhom(listener: Listener): string {
  return listener.process === null ? '' : ` (${listener.process})`
}

function judgeListener(before: Listener, now: Listener | undefined, all: readonly Listener[]): CheckResult {
  const id = portId(before)
  const expected = `listens${byWhom(before)}`
  if (now !== undefined) {
    const isOther = isOtherProcess(before.process, now.process)
    return result(id, isOther ? 'warn' : 'pass', expected, `listens${byWhom(now)}`)
  }
  const wider = all.find((other) => covers(other, before))
  if (wider !== undefined) return result(id, 'warn', expected, `now by ${listenerKey(wider)}${byWhom(wider)}`)
  return isMoving(before)
    ? result(id, 'warn', expected, 'gone; such a socket is not lasting')
    : result(id, 'fail', expected, 'gone')
}

/** A socket of systemd is handed to its service, so those two names stand for one. */
function isOtherProcess(before: string | null, now: string | null): boolean {
  const isInit = (name: string) => name === 'systemd' || name === 'init'
  return before !== null && now !== null && before !== now && !isInit(before) && !isInit(now)
}

/** Whether `other` takes what came to `gone`: same port, on all addresses of that family. */
function covers(other: Listener, gone: Listener): boolean {
  if (other.proto !== gone.proto || other.port !== gone.port) return false
  if (gone.address.startsWith('[')) return other.address === '[::]'
  return other.address === '0.0.0.0' || (other.address === '[::]' && other.takesIpv4 !== false)
}

/**
 * Sockets that a reboot moves without anything being wrong: link-local addresses, DHCP clients, UDP sockets on one IPv6
 * address (privacy addresses change), and the ports that RPC services draw by chance below 1024 (bindresvport(3)).
 */
function isMoving(listener: Listener): boolean {
  if (/^\[fe[89ab][0-9a-f]:/.test(listener.address)) return true
  if (listener.proto !== 'udp') return false
  if (listener.port === 68 || listener.port === 546) return true
  if (listener.address.startsWith('[') && listener.address !== '[::]' && listener.address !== '[::1]') return true
  return listener.port >= 512 && listener.port < 1024 && (listener.process ?? '').startsWith('rpc')
}
