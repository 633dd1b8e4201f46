import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LoadBalancer } from '../../../src/demo/load-balancer'

let folder: string
let backends: { name: string; address: string; port: number; server: Server; waiting: ServerResponse[] }[]
let balancer: LoadBalancer

/** Two hosts that answer when the test says so. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'balancer-'))
  for (const part of ['out', 'state']) mkdirSync(join(folder, part))
  backends = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const waiting: ServerResponse[] = []
      const server = createServer((_request, response) => void waiting.push(response))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const at = server.address()
      return { name, address: '127.0.0.1', port: typeof at === 'object' && at ? at.port : 0, server, waiting }
    }),
  )
  balancer = await LoadBalancer.start(folder, backends)
})
afterEach(async () => {
  await balancer[Symbol.asyncDispose]()
  for (const { server } of backends) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

const state = (name: string) => readFileSync(join(folder, 'state', name), 'utf8').trim()
const take = (name: string) => writeFileSync(join(folder, 'out', name), '')
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 5_000, interval: 10 })
const waiting = () => backends.flatMap((backend) => backend.waiting)

it('sends requests round the hosts that are in', async () => {
  const answers = Promise.all([fetch(balancer.url), fetch(balancer.url), fetch(balancer.url), fetch(balancer.url)])
  await until(() => waiting().length === 4)
  expect(backends.map((backend) => backend.waiting.length)).toEqual([2, 2])
  for (const response of waiting()) response.end('ok')
  expect((await answers).map((answer) => answer.status)).toEqual([200, 200, 200, 200])
})

it('says "out" only once the last request of the host has been answered, and sends it no other', async () => {
  const first = [fetch(balancer.url), fetch(balancer.url)]
  await until(() => waiting().length === 2)
  take('a')
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(state('a')).toBe('in')
  const later = [fetch(balancer.url), fetch(balancer.url)]
  await until(() => waiting().length === 4)
  expect(backends.map((backend) => backend.waiting.length)).toEqual([1, 3])
  for (const response of waiting()) response.end('ok')
  await Promise.all([...first, ...later])
  await until(() => state('a') === 'out')
  expect(state('b')).toBe('in')
})

it('has no host to send to when all are out: 503', async () => {
  for (const name of ['a', 'b']) take(name)
  await until(() => state('a') === 'out' && state('b') === 'out')
  expect((await fetch(balancer.url)).status).toBe(503)
})

it('answers 502 for a host that does not', async () => {
  take('b')
  await until(() => existsSync(join(folder, 'state/b')) && state('b') === 'out')
  const asked = fetch(balancer.url)
  await until(() => waiting().length === 1)
  waiting()[0]?.destroy()
  expect((await asked).status).toBe(502)
})
