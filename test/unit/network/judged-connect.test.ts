import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { localDialer } from '../../../src/host/local'
import { judgedConnect, judgedLookup } from '../../../src/network/judged-connect'
import { RefusedAddressError } from '../../../src/network/refused-address'

const signal = new AbortController().signal
const answering =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('H18: the network of the runner', () => {
  it.each(['169.254.169.254', '[fd00:ec2::254]', 'metadata.google.internal', '::ffff:169.254.169.254'])(
    'refuses %s before anything is looked up',
    async (host) => {
      const resolve = vi.fn(answering('192.0.2.1'))
      await expect(judgedConnect(host, 80, signal, resolve)).rejects.toThrow(RefusedAddressError)
      expect(resolve).not.toHaveBeenCalled()
    },
  )

  it.each(['169.254.169.254', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe', '2002:6464:64c8::1', 'fe80::1%lo'])(
    'refuses a name that resolves to %s',
    async (address) => {
      const dialled = judgedConnect('metadata.example.com', 80, signal, answering(address))
      await expect(dialled).rejects.toThrow(RefusedAddressError)
    },
  )

  it('refuses a name of which only one address is refused', async () => {
    const dialled = judgedConnect('mixed.example.com', 80, signal, answering('192.0.2.1', 'fe80::1'))
    await expect(dialled).rejects.toThrow(RefusedAddressError)
  })

  it('refuses an answer that is no address', async () => {
    const dialled = judgedConnect('odd.example.com', 80, signal, answering('2852039166'))
    await expect(dialled).rejects.toThrow(RefusedAddressError)
  })

  it.each(['0xA9FEA9FE', '2852039166', '0251.0376.0251.0376', '169.254.43518'])(
    'refuses the spelling %s',
    async (spelling) => {
      await expect(judgedConnect(spelling, 80, signal)).rejects.toThrow(RefusedAddressError)
    },
  )

  it('a name is looked up once, and what connects gets the addresses that were judged', () => {
    const answers: LookupAddress[][] = [[{ address: '192.0.2.1', family: 4 }], [{ address: '169.254.1.1', family: 4 }]]
    const resolve = vi.fn(((_name, _options, done) => done(null, answers.shift() ?? [])) as LookupFunction)
    const done = vi.fn()
    judgedLookup(resolve)('rebinding.example.com', { all: true }, done)
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(done).toHaveBeenCalledExactlyOnceWith(null, [{ address: '192.0.2.1', family: 4 }], undefined)
  })

  it('also where the host is the runner itself (transport: local)', async () => {
    const transport = await localDialer().connect(signal)
    await expect(transport.dial('169.254.169.254', 80)).rejects.toThrow(RefusedAddressError)
  })
})
