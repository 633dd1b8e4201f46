import { describe, expect, it } from 'vitest'
import {
  channelArguments,
  controlArguments,
  masterArguments,
  type OpensshTarget,
  proxyCommandThrough,
} from '../../../src/host/openssh-options'

const target: OpensshTarget = {
  address: '192.0.2.11',
  port: 2222,
  user: 'maint',
  folder: '/tmp/ps-1',
  hasKey: true,
  hasPassphrase: false,
  configPath: null,
  keepaliveMs: 15_000,
  keepaliveTries: 4,
  withoutTypes: [],
  proxyCommand: null,
}
const optionsOf = (argv: readonly string[]) => argv.filter((_, i) => argv[i - 1] === '-o')

describe('the command line of ssh', () => {
  it.each([
    ['master', masterArguments(target)],
    ['channel', channelArguments(target, 'true')],
    ['control', controlArguments(target, 'check')],
  ])('H6: ends its options before the address (%s)', (_, argv) => {
    const at = argv.indexOf('--')
    expect(argv.slice(at - 4, at + 2)).toEqual(['-l', 'maint', '-p', '2222', '--', '192.0.2.11'])
  })

  it('H6: reads no configuration but the one that was given', () => {
    const fileOf = (argv: readonly string[]) => argv[argv.indexOf('-F') + 1]
    expect(fileOf(masterArguments(target))).toBe('none')
    expect(fileOf(masterArguments({ ...target, configPath: 'ssh_config' }))).toBe('ssh_config')
    expect(fileOf(channelArguments({ ...target, configPath: 'ssh_config' }, 'true'))).toBe('none')
  })

  it('demands a known key, asks nobody and forwards nothing', () => {
    expect(optionsOf(masterArguments(target))).toEqual(
      expect.arrayContaining([
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        'UserKnownHostsFile="/tmp/ps-1/known_hosts"',
        'GlobalKnownHostsFile=/dev/null',
        'UpdateHostKeys=no',
        'PasswordAuthentication=no',
        'KbdInteractiveAuthentication=no',
        'ForwardAgent=no',
        'ClearAllForwardings=yes',
        'Compression=no',
        'PermitLocalCommand=no',
        'ServerAliveInterval=15',
        'ServerAliveCountMax=4',
      ]),
    )
  })

  it('H17: offers no SHA-1 signature and no SHA-1 MAC', () => {
    expect(optionsOf(masterArguments(target))).toEqual(
      expect.arrayContaining(['HostKeyAlgorithms=-ssh-rsa,ssh-rsa-cert-v01@openssh.com,ssh-dss*', 'MACs=-hmac-sha1*']),
    )
  })

  it('asks no more for a key type that did not match', () => {
    const options = optionsOf(masterArguments({ ...target, withoutTypes: ['ssh-ed25519', 'ssh-rsa'] }))
    expect(options).toContain(
      'HostKeyAlgorithms=-ssh-rsa,ssh-rsa-cert-v01@openssh.com,ssh-dss*,ssh-ed25519,rsa-sha2-256,rsa-sha2-512',
    )
  })

  it('holds no secret, only the path of the key', () => {
    expect(optionsOf(masterArguments(target))).toEqual(
      expect.arrayContaining(['IdentityFile="/tmp/ps-1/key"', 'IdentitiesOnly=yes', 'IdentityAgent=none']),
    )
    expect(masterArguments({ ...target, hasKey: false }).join(' ')).not.toContain('Identit')
  })

  it('connects a command to the control master or nowhere', () => {
    const argv = channelArguments(target, "sh -c 'echo $HOME'")
    expect(argv.slice(0, 5)).toEqual(['-q', '-S', '/tmp/ps-1/c', '-F', 'none'])
    expect(optionsOf(argv)).toEqual(['ControlMaster=no', 'ProxyCommand=false', 'BatchMode=yes'])
    expect(argv.at(-1)).toBe("sh -c 'echo $HOME'")
  })

  it('goes through a jump host over its control master', () => {
    const odd = { ...target, folder: '/tmp/it is 100%/ps' }
    expect(proxyCommandThrough(odd, '2001:db8::1', 22)).toBe(
      "ssh -q -S '/tmp/it is 100%%/ps/c' -F none -o ControlMaster=no -o ProxyCommand=false -o BatchMode=yes " +
        "-W '[2001:db8::1]:22' -l maint -p 2222 -- 192.0.2.11",
    )
  })
})
