import { expect, it } from 'vitest'
import { compareListeners } from '../../../src/compare/listeners'
import { compareMounts } from '../../../src/compare/mounts'
import { compareResolvers } from '../../../src/compare/network'

const MANY = 20_000
const address = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
const numbers = (from: number) => Array.from({ length: MANY }, (_, i) => from + i)

function listeners(from: number, port: number, process: string | null) {
  const items = numbers(from).map((i) => ({
    proto: 'tcp' as const,
    address: address(i),
    port,
    process,
    takesIpv4: null,
  }))
  return { items, ephemeralFrom: 32_768 }
}

const fewer = (all: ReturnType<typeof listeners>) => ({ ...all, items: all.items.slice(1) })

function mounts(name: string, automounts: readonly string[]) {
  const items = numbers(0).map((i) => ({ target: `/${name}/${i}`, source: `nas:/${i}`, type: 'nfs', readOnly: false }))
  return { items, automounts }
}

/** As many as the cap of an answer lets a host list. */
it.each([
  ['listeners that are gone', () => compareListeners(listeners(0, 80, null), listeners(1e6, 81, null))],
  [
    'listeners on ports that were drawn',
    () => compareListeners(listeners(0, 40_000, 'x'), fewer(listeners(1e6, 40_001, 'x'))),
  ],
  [
    'mounts that are gone',
    () =>
      compareMounts(
        mounts('a', []),
        mounts(
          'b',
          numbers(0).map((i) => `/c/${i}`),
        ),
      ),
  ],
  ['name servers that are gone', () => compareResolvers(numbers(0).map(address), numbers(1e6).map(address))],
])('H40: %s are compared in time that grows with their number alone', (_, compare) => {
  const before = process.cpuUsage()
  expect(compare().length).toBeGreaterThanOrEqual(MANY)
  const { user } = process.cpuUsage(before)
  // Each against each took half a minute.
  expect(user / 1000).toBeLessThan(1_000)
})
