import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  isRefusedAddress,
  RefusedAddressError,
  runnerNetwork,
  seenFromRunner,
} from '../../../src/checks/runner-network'

const signal = new AbortController().signal
const resolvesTo =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('H18: the network of the runner', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
  ])('refuses %s', (address) => {
    expect(isRefusedAddress(address)).toBe(true)
  })

  it.each(['127.0.0.1', '10.0.0.1', '192.0.2.1', '169.253.255.255', '::1', 'fec0::1', '2001:db8::1', 'example.com'])(
    'does not refuse %s',
    (address) => {
      expect(isRefusedAddress(address)).toBe(false)
    },
  )

  it('refuses an address that is written out', async () => {
    await expect(runnerNetwork().dial('169.254.169.254', 80, signal)).rejects.toThrow(RefusedAddressError)
  })

  it('refuses a name that resolves to a refused address', async () => {
    const network = runnerNetwork(resolvesTo('169.254.169.254'))
    await expect(network.dial('metadata.example.com', 80, signal)).rejects.toThrow(RefusedAddressError)
  })

  it('refuses a name of which only one address is refused', async () => {
    const network = runnerNetwork(resolvesTo('192.0.2.1', 'fe80::1'))
    await expect(network.dial('mixed.example.com', 80, signal)).rejects.toThrow(RefusedAddressError)
  })

  it.each(['0xA9FEA9FE', '2852039166', '0251.0376.0251.0376', '169.254.43518'])(
    'refuses the spelling %s',
    async (spelling) => {
      await expect(runnerNetwork().dial(spelling, 80, signal)).rejects.toThrow(RefusedAddressError)
    },
  )
})

describe('a loopback address seen from the runner', () => {
  it.each(['localhost', 'app.localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])('%s means the host', (name) => {
    expect(seenFromRunner(name, { address: '192.0.2.11' })).toBe('192.0.2.11')
  })

  it.each(['example.com', '192.0.2.5', 'notlocalhost'])('%s stays', (name) => {
    expect(seenFromRunner(name, { address: '192.0.2.11' })).toBe(name)
  })

  it('an IPv6 address loses the brackets of its url', () => {
    expect(seenFromRunner('[2001:db8::1]', { address: '192.0.2.11' })).toBe('2001:db8::1')
  })
})
