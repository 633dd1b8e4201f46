import { checkId } from '../config/check-id'
import { expand } from '../config/command'
import type { CheckEntry } from '../config/schema'
import { excerpt } from './excerpt'
import { type Answer, exchange, HTTP_READ_BYTES } from './http-exchange'
import { within } from './limit'
import { type CheckKind, fail, type ProbeContext, pass, type Seen, unreadable } from './probe'
import { codeOf, whyOf } from './run'
import { dialFrom, dialSeen, lookFrom, type View } from './seen-from'
import { encrypt } from './tls-socket'

type HttpSpec = Extract<CheckEntry, { http: unknown }>['http']

/** An HTTP(S) answer with the right status, whole, and with the wanted text in it. Redirects are answers, not followed. */
export const http: CheckKind = {
  kind: 'http',
  probe(entry, { host }) {
    if (!('http' in entry)) return null
    const { contains: text, ...rest } = entry.http
    const spec: HttpSpec = {
      ...rest,
      url: expand(rest.url, host),
      ...(text === undefined ? {} : { contains: expand(text, host) }),
    }
    const withText = spec.contains === undefined ? '' : ` with "${spec.contains}"`
    return {
      id: checkId(entry, host),
      kind: 'http',
      expected: `${spec.status}${withText} within ${spec.timeout / 1000} s`,
      timeoutMs: spec.timeout,
      run: (at) => lookFrom(spec.from, (view) => requestOnce(view, spec, at)),
    }
  },
}

async function requestOnce(view: View, spec: HttpSpec, at: ProbeContext): Promise<Seen> {
  const begun = at.clock.monotonicMs()
  const sinceBegin = () => Math.round(at.clock.monotonicMs() - begun)
  const look = (bounded: ProbeContext) => visit(view, spec, bounded, sinceBegin)
  return within(spec.timeout, at, look, () => fail(`no whole answer within ${spec.timeout / 1000} s`))
}

async function visit(view: View, spec: HttpSpec, at: ProbeContext, sinceBegin: () => number): Promise<Seen> {
  const url = new URL(spec.url)
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port === '' ? (isSecure ? 443 : 80) : url.port)
  const plain = await reach(() => dialFrom(view, url.hostname, port, at, isSecure), at, dialSeen)
  if ('outcome' in plain) return plain
  // A late reset must not end the process: what counts was seen by then.
  plain.on('error', () => undefined)
  try {
    const socket = isSecure ? await reach(() => encrypt(plain, url.hostname, at.signal), at, tlsSeen) : plain
    if ('outcome' in socket) return socket
    const answer = await reach(() => exchange(socket, url, spec.contains, at.signal), at, brokenSeen)
    return 'outcome' in answer ? answer : judge(answer, spec, sinceBegin())
  } finally {
    plain.destroy()
  }
}

/** The value, or what its failure means for the check. An abort goes on up: `within` knows whose it was. */
async function reach<T extends object>(
  get: () => Promise<T>,
  at: ProbeContext,
  failed: (error: unknown) => Seen,
): Promise<T | Seen> {
  try {
    return await get()
  } catch (error) {
    at.signal.throwIfAborted()
    return failed(error)
  }
}

function tlsSeen(error: unknown): Seen {
  const code = codeOf(error)
  return code === null ? unreadable(`no TLS: ${whyOf(error)}`) : fail(`no TLS (${code})`)
}

/** The connection stood: whatever breaks now is the service's answer, or the lack of one. */
function brokenSeen(error: unknown): Seen {
  return fail(`no whole HTTP answer (${codeOf(error) ?? whyOf(error)})`)
}

/** Pure: what this answer says about the check. */
function judge(answer: Answer, spec: Pick<HttpSpec, 'status' | 'contains'>, latencyMs: number): Seen {
  const quoted = excerpt(answer.head)
  const seen = `${answer.status} in ${latencyMs} ms`
  const shown = quoted === '' ? seen : `${seen}: ${quoted}`
  if (answer.status !== spec.status) return fail(shown)
  if (spec.contains === undefined) return pass(seen)
  if (answer.found) return pass(`${seen}, with the text`)
  if (answer.encoding !== null)
    return unreadable(`${seen}, the body is encoded (${answer.encoding}) and cannot be searched`)
  if (answer.cut) return unreadable(`${seen}, the text is not in the first ${HTTP_READ_BYTES >> 20} MiB of the body`)
  return fail(`${seen}, without the text${quoted === '' ? '' : `: ${quoted}`}`)
}
