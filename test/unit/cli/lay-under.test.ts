import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layUnder } from '../../../src/cli/own-ssh/lay-under'
import { loadMaintenanceFile } from '../../../src/config/load'
import type { SshSays } from '../../../src/host/ssh-config/ask-ssh'

function fileOf(hosts: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lay-under-'))
  try {
    writeFileSync(join(folder, 'm.yml'), `version: 1\nhosts:\n${hosts}`)
    return loadMaintenanceFile('m.yml', { root: folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const SAYS: SshSays = { hostName: null, user: null, port: null, identityFile: null, proxyJump: null }
const laid = (hosts: string, says: Partial<SshSays>) =>
  layUnder(fileOf(hosts), new Map([['web', { ...SAYS, ...says }]]))

test('HostName, User and Port of the ssh config stand in for what the file does not say, and sudo follows the user', () => {
  const { file, notes } = laid('  web-1: { address: web }\n', { hostName: '192.0.2.11', user: 'maint', port: 2222 })
  expect(file.hosts.get('web-1')).toMatchObject({ address: '192.0.2.11', user: 'maint', port: 2222, become: 'sudo' })
  expect(notes).toEqual(['web-1: HostName 192.0.2.11, User maint, Port 2222'])
})

test('what the file says wins, also where it says the default', () => {
  const { file } = laid('  web-1: { address: web, user: root, port: 22 }\n', { user: 'maint', port: 2222 })
  expect(file.hosts.get('web-1')).toMatchObject({ user: 'root', port: 22, become: 'none' })
})

test('a ProxyJump is the jump where it is a host of the file; else it is said what to add', () => {
  const bastion = '  bastion: { address: bastion.example.com, maintain: false }\n'
  const jump = { proxyJump: 'me@bastion.example.com:22' }
  expect(laid(`  web-1: { address: web }\n${bastion}`, jump).file.hosts.get('web-1')?.jump).toBe('bastion')
  const without = laid('  web-1: { address: web }\n', jump)
  expect(without.file.hosts.get('web-1')?.jump).toBe(null)
  expect(without.notes[0]).toMatch(/ProxyJump me@bastion.* is not used.*maintain: false/)
})

test('H6: what does not look like a name or a login is not taken', () => {
  const { file } = laid('  web-1: { address: web }\n', { hostName: '-oProxyCommand=x', user: '$(id)' })
  expect(file.hosts.get('web-1')).toMatchObject({ address: 'web', user: 'root' })
})

test('hosts of other transports are left alone: ssh reads its configuration itself', () => {
  const { file } = laid('  web-1: { address: web, transport: openssh }\n', { hostName: '192.0.2.11' })
  expect(file.hosts.get('web-1')?.address).toBe('web')
})
