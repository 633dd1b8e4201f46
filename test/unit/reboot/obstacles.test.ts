import { describe, expect, it } from 'vitest'
import { rebootObstacles } from '../../../src/reboot/obstacles'

const parse = (out: string, newest: string | null = '6.1.0-40-amd64') =>
  rebootObstacles('6.1.0-39-amd64', newest).parse(out, 0)

describe('rebootObstacles', () => {
  it('H34: names what keeps a host from coming back', () => {
    expect(parse('raid\tmd0\tresync\ninitramfs\nmodules\ncrypt\tdata\n')).toEqual({
      ok: true,
      value: [
        'the array md0 is busy (resync)',
        'there is no initramfs for the kernel 6.1.0-40-amd64',
        'there are no modules for the kernel 6.1.0-40-amd64',
        'the encrypted disk data waits for a passphrase at the console',
      ],
    })
  })

  it('H34: misses a module that DKMS has built for the running kernel only', () => {
    const out =
      'dkms\tzfs/2.1.11, 6.1.0-39-amd64, x86_64: installed\ndkms\twireguard/1.0, 6.1.0-39-amd64, x86_64: installed\ndkms\twireguard/1.0, 6.1.0-40-amd64, x86_64: installed\n'
    expect(parse(out)).toEqual({ ok: true, value: ['the module zfs is not built for the kernel 6.1.0-40-amd64'] })
  })

  it('case 19: names updates that wait for the next boot', () => {
    expect(parse('offline\n')).toEqual({
      ok: true,
      value: ['packages wait to be installed by the next boot (/system-update)'],
    })
  })

  it('finds nothing on a plain host', () => {
    expect(parse('')).toEqual({ ok: true, value: [] })
    expect(parse('', null)).toEqual({ ok: true, value: [] })
  })

  it('is unknown for an answer in another form, and where the command failed', () => {
    expect(parse('something\n').ok).toBe(false)
    expect(rebootObstacles('6.1', null).parse('', 1).ok).toBe(false)
  })
})
