import { expect, test } from 'vitest'
import type { HttpPost, PostEnd, PostRequest } from '../../../../src/announce/notifiers/https-post'
import { notifiersOf } from '../../../../src/announce/notifiers/notifiers'
import { signature, webhookKey } from '../../../../src/announce/notifiers/webhook'
import type { NotifierConfig } from '../../../../src/config/announce'
import { ConfigError } from '../../../../src/errors'
import type { EventBody, Mode } from '../../../../src/journal/event'
import { RunRecorder } from '../../../../src/report/run-record'
import { FakeClock } from '../../../fixtures/fake-clock'
import { hostFacts, recording, runFacts } from '../../report/recording'

type Entry = readonly [number, string | null, EventBody]
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook: NotifierConfig = { webhook: { url: 'https://hooks.example/x', secret: { env: 'HOOK' } } }
const slack: NotifierConfig = { slack: { webhook: { env: 'SLACK' } } }
const OK: PostEnd = { kind: 'answered', status: 200, retryAfter: null, body: 'ok' }

const ended = (verdict: 'held' | 'live', reason = 'verify failed'): EventBody => ({
  type: 'host.ended',
  verdict,
  reason,
  rule: null,
  lastMaintained: null,
  nextDue: null,
  overrun: false,
})
const begun = (mode: Mode = 'run'): Entry => [
  0,
  null,
  { type: 'run.begun', about: { ...runFacts, mode }, hosts: [hostFacts('web-1'), hostFacts('web-2')] },
]
const wave: Entry = [1, null, { type: 'wave.begun', group: 'web', wave: 0, hosts: ['web-1'] }]
const over: Entry = [9, null, { type: 'run.ended', verdict: 'held', reason: 'none', sentence: '1 host is held.' }]
const oneHeld: Entry[] = [begun(), wave, [5, 'web-1', ended('held')], [6, 'web-2', ended('live')], wave, over]

interface Sent {
  readonly posts: PostRequest[]
  readonly told: (readonly [string, boolean, string | null])[]
  readonly slept: readonly number[]
}

async function send(
  config: NotifierConfig,
  entries: readonly Entry[],
  { answers = [], disclose = 'auto', language = 'en', secrets = {} }: Options = {},
): Promise<Sent> {
  const clock = new FakeClock()
  const posts: PostRequest[] = []
  const told: [string, boolean, string | null][] = []
  const left = [...answers]
  const post: HttpPost = async (request) => {
    posts.push(request)
    return left.shift() ?? OK
  }
  const values: Readonly<Record<string, string>> = {
    HOOK: KEY,
    SLACK: 'https://slack.example/services/T0/B0/x',
    ...secrets,
  }
  const secret = ({ env }: { env: string }) => {
    const value = values[env]
    if (!value) throw new ConfigError([{ message: `${env} is empty` }])
    return value
  }
  const [notifier] = notifiersOf({
    hide: (text) => text,
    config: { notify: [config], language, disclose },
    secret,
    post,
    clock,
    told: (...of) => told.push(of),
  })
  const recorder = new RunRecorder()
  for (const event of recording(...entries)) {
    recorder.add(event)
    notifier?.take(event, recorder)
  }
  await notifier?.finish()
  return { posts, told, slept: clock.slept }
}

interface Options {
  readonly answers?: readonly PostEnd[]
  readonly disclose?: 'auto' | 'full' | 'counts' | 'none'
  readonly language?: 'en' | 'id'
  readonly secrets?: Readonly<Record<string, string>>
}

const kinds = ({ posts }: Sent) => posts.map(({ body }) => JSON.parse(body).type)
const texts = ({ posts }: Sent) => posts.map(({ body }) => JSON.parse(body).text as string)

test('a run tells that it began, which host is held, and how it ended, each once', async () => {
  const sent = await send(webhook, oneHeld)
  expect(kinds(sent)).toEqual(['maintenance.begun', 'maintenance.held', 'maintenance.finished'])
  expect(sent.told).toEqual(Array(3).fill(['webhook', true, null]))
  expect(JSON.parse(sent.posts[1]?.body ?? '')).toEqual({
    type: 'maintenance.held',
    timestamp: '2026-11-22T02:00:05.000Z',
    data: {
      kind: undefined,
      at: undefined,
      run: 'r1',
      url: runFacts.url,
      name: 'Weekly maintenance',
      owner: 'ops@example.com',
      host: { name: 'web-1', group: 'web', reason: 'verify failed' },
      verdict: null,
      hosts: { total: 2, held: 1 },
    },
  })
})

test('the id of a notice is the same in another process of the same run', async () => {
  const [one, two] = [await send(webhook, oneHeld), await send(webhook, oneHeld)]
  const ids = ({ posts }: Sent) => posts.map(({ headers }) => headers['webhook-id'])
  expect(ids(one)).toEqual(ids(two))
  expect(new Set(ids(one)).size).toBe(3)
})

test('a run that its window refused tells nobody', async () => {
  const refused: Entry = [1, null, { type: 'run.ended', verdict: 'refused', reason: 'too-early', sentence: 'shut' }]
  expect((await send(webhook, [begun(), refused])).posts).toEqual([])
})

test.each(['plan', 'verify'] as const)('mode %s tells nobody', async (mode) => {
  expect((await send(webhook, [begun(mode), wave, [5, 'web-1', ended('held')], over])).posts).toEqual([])
})

test('of many held hosts ten are told one by one, the others with the end', async () => {
  const many = Array.from({ length: 30 }, (_, i): Entry => [5, `web-${i}`, ended('held')])
  expect(kinds(await send(webhook, [begun(), wave, ...many, over]))).toHaveLength(12)
})

test('a notice is signed by Standard Webhooks', () => {
  // The example of the specification.
  const body = '{"event_type":"ping","data":{"success":true}}'
  const signed = signature(Buffer.from('plJ3nmyCDGBKInavdOK15jsl', 'base64'), 'msg_loFOjxBNrRLzqYUf', 1731705121, body)
  expect(signed).toBe('v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=')
})

test('the signature is made over the body that is sent, with the time of its own try', async () => {
  const sent = await send(webhook, oneHeld, { answers: [{ kind: 'unknown' }] })
  const key = webhookKey(KEY) ?? Buffer.alloc(0)
  for (const { headers, body } of sent.posts) {
    const id = headers['webhook-id'] ?? ''
    expect(headers['webhook-signature']).toBe(signature(key, id, Number(headers['webhook-timestamp']), body))
  }
  expect(sent.posts[0]?.headers['webhook-id']).toBe(sent.posts[1]?.headers['webhook-id'])
  expect(sent.posts[0]?.headers['webhook-timestamp']).not.toBe(sent.posts[1]?.headers['webhook-timestamp'])
})

test.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'plJ3nmyCDGBKInavdOK15jsl', 'whsec_pl J3nmyCDGBKInavdOK15jsl'])(
  '%j is no signing secret',
  (secret) => expect(webhookKey(secret)).toBeNull(),
)

test('a secret that is none, or missing, is a warning that names the variable', async () => {
  const wrong = await send(webhook, oneHeld, { secrets: { HOOK: 'hunter2hunter2' } })
  expect(wrong.posts).toEqual([])
  expect(wrong.told[0]).toEqual(['webhook', false, expect.stringContaining('HOOK is no signing secret')])
  expect((await send(slack, oneHeld, { secrets: { SLACK: '' } })).told[0]).toEqual([
    'slack',
    false,
    expect.stringContaining('SLACK'),
  ])
})

const busy = (status: number, retryAfter: string | null = null): PostEnd => ({
  kind: 'answered',
  status,
  retryAfter,
  body: '',
})

test('a 429 is waited for as long as it asks', async () => {
  const sent = await send(webhook, oneHeld, { answers: [busy(429, '7'), busy(503, 'Sun, 22 Nov 2026 02:00:27 GMT')] })
  expect(sent.posts).toHaveLength(5)
  expect(sent.slept).toEqual([7_000, 20_000])
})

test('after three tries it is given up, with a warning', async () => {
  const sent = await send(webhook, oneHeld.slice(0, 2), { answers: Array(9).fill(busy(502)) })
  expect(sent.posts).toHaveLength(3)
  expect(sent.told).toEqual([['webhook', false, 'notice "begun": it answered 502']])
})

test.each([400, 404, 410, 302])('after %i nothing is tried again', async (status) => {
  const sent = await send(webhook, oneHeld.slice(0, 2), { answers: [busy(status)] })
  expect(sent.posts).toHaveLength(1)
  expect(sent.told[0]?.[1]).toBe(false)
})

test('a wait of an hour is not waited for', async () => {
  expect((await send(webhook, oneHeld.slice(0, 2), { answers: [busy(429, '3600')] })).slept).toEqual([])
})

test('a Slack message that may have arrived is not sent again; a webhook is, by its id', async () => {
  expect((await send(slack, oneHeld.slice(0, 2), { answers: [{ kind: 'unknown' }] })).posts).toHaveLength(1)
  expect((await send(slack, oneHeld.slice(0, 2), { answers: [{ kind: 'unsent' }] })).posts).toHaveLength(2)
  expect((await send(webhook, oneHeld.slice(0, 2), { answers: [{ kind: 'unknown' }] })).posts).toHaveLength(2)
})

test('Slack is told in words; its answer must be ok', async () => {
  const sent = await send(slack, oneHeld)
  expect(texts(sent)).toMatchSnapshot()
  const odd = await send(slack, oneHeld.slice(0, 2), { answers: [{ ...OK, body: '<html>' }] })
  expect(odd.told[0]?.[1]).toBe(false)
})

test('Indonesian is spoken where the file says so', async () => {
  expect(texts(await send(slack, oneHeld, { language: 'id' }))).toMatchSnapshot()
})

test('H11: with `disclose: counts` no host is named', async () => {
  for (const config of [slack, webhook]) {
    const sent = await send(config, oneHeld, { disclose: 'counts' })
    expect(sent.posts).toHaveLength(3)
    expect(JSON.stringify(sent.posts)).not.toMatch(/web-1|verify failed/)
  }
})

test('words of a host reach nobody as a mention, a link or a line of their own', async () => {
  const hostile = '<!channel> <https://evil.example|click> *bold* `code`\n\u001b[31m@here\u202e &'
  const sent = await send(slack, [begun(), wave, [5, 'web-1', ended('held', hostile)]])
  const text = texts(sent)[1] ?? ''
  expect(text).toContain('Reason: &lt;!channel&gt; &lt;https://evil.example|click&gt; bold code @here &amp;\n')
  expect(text.match(/<[^|]*/g)).toEqual([`<${runFacts.url}`])
})
