import { expect, test } from 'vitest'
import { changeOfFile, isUnchanged } from '../../../src/report/file-change'

const http = (url: string) => ({ http: { url } })

test('hosts that came, went and changed are told apart', () => {
  const change = changeOfFile(
    { hosts: { a: { address: '1' }, b: { address: '2' }, c: {} } },
    { hosts: { b: { address: '3', port: 2222 }, c: {}, d: {} } },
  )
  expect(change).toMatchObject({
    hostsAdded: ['d'],
    hostsRemoved: ['a'],
    hostsChanged: [
      {
        name: 'b',
        changes: [
          { path: 'address', from: '2', to: '3' },
          { path: 'port', from: null, to: '2222' },
        ],
      },
    ],
  })
})

test('checks are told one by one, also those of a group', () => {
  const change = changeOfFile(
    { stages: { verify: { checks: [http('a'), http('b')] } } },
    {
      stages: { verify: { checks: [http('b'), http('c')] } },
      groups: { db: { stages: { verify: { 'checks+': [{ tcp: { port: 5432 } }] } } } },
    },
  )
  expect(change.checks).toEqual([
    { path: 'stages.verify.checks', from: '{"http":{"url":"a"}}', to: null },
    { path: 'stages.verify.checks', from: null, to: '{"http":{"url":"c"}}' },
    { path: 'groups.db.stages.verify.checks+', from: null, to: '{"tcp":{"port":5432}}' },
  ])
  expect(change.stages).toEqual([])
})

test('stages and the rest are told by their path, as written', () => {
  const change = changeOfFile(
    { stages: { update: { packages: 'security', reboot: 'never' } }, window: { open: '0 2 * * sun' } },
    {
      stages: { update: { packages: 'all', reboot: 'never' } },
      rollout: { batch: 2 },
      window: { open: '0 3 * * sun' },
    },
  )
  expect(change.stages).toEqual([{ path: 'stages.update.packages', from: 'security', to: 'all' }])
  expect(change.rest).toEqual([
    { path: 'window.open', from: '0 2 * * sun', to: '0 3 * * sun' },
    { path: 'rollout.batch', from: null, to: '2' },
  ])
})

test('the same services in another order are a change: they stop in this order', () => {
  const change = changeOfFile(
    { stages: { drain: { services: ['a', 'b'] } } },
    { stages: { drain: { services: ['b', 'a'] } } },
  )
  expect(change.stages).toEqual([{ path: 'stages.drain.services', from: 'a, b', to: 'b, a' }])
})

test('an item that stands twice and then once was taken out once', () => {
  expect(changeOfFile({ a: ['x', 'x'] }, { a: ['x'] }).rest).toEqual([{ path: 'a', from: 'x', to: null }])
})

test.each([
  [{ a: 1 }, { a: '1' }],
  [{ hosts: { a: null } }, { hosts: { a: {} } }],
])('%j and %j read alike', (base, head) => expect(isUnchanged(changeOfFile(base, head))).toBe(true))

test('H15: a key called __proto__ is a key like any other', () => {
  const base = JSON.parse('{"hosts":{}}')
  const head = JSON.parse('{"hosts":{"__proto__":{"address":"x"}}}')
  expect(changeOfFile(base, head).hostsAdded).toEqual(['__proto__'])
})
