import { describe, expect, it } from 'vitest'
import { seenFromRunner } from '../../../src/checks/runner-network'

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
