import { describe, expect, it } from 'vitest'
import { refuseTransaction } from '../../../src/packages/judge-transaction'
import { neverRolledBack } from '../../../src/packages/never-rolled-back'
import { selectUpgrades } from '../../../src/packages/select-upgrades'
import { upgrade } from './upgrade'

const pending = {
  removals: [],
  upgrades: [
    upgrade('curl', '1', '2'),
    upgrade('openssl', '1', '3', { security: true, securityVersion: '2' }),
    upgrade('linux-image-6.1.0-40-amd64', null, '6.1'),
    upgrade('libc6:i386', '1', '2'),
  ],
}
const names = (config: Parameters<typeof selectUpgrades>[1]) =>
  selectUpgrades(pending, config).map((s) => `${s.name}=${s.version}`)

describe('selectUpgrades', () => {
  it('takes everything at its newest version', () => {
    expect(names({ packages: 'all', exclude: [] })).toEqual([
      'curl=2',
      'openssl=3',
      'linux-image-6.1.0-40-amd64=6.1',
      'libc6:i386=2',
    ])
  })

  it('takes security fixes at the version of the security source, not the newest', () => {
    expect(names({ packages: 'security', exclude: [] })).toEqual(['openssl=2'])
  })

  it('takes nothing where the file says none', () => {
    expect(names({ packages: 'none', exclude: [] })).toEqual([])
  })

  it('leaves out what exclude names, whatever its architecture', () => {
    expect(names({ packages: 'all', exclude: ['linux-image-*', 'libc?'] })).toEqual(['curl=2', 'openssl=3'])
  })
})

describe('refuseTransaction', () => {
  const transaction = {
    upgrades: [upgrade('curl', '1', '2')],
    removals: [{ name: 'victim', from: '1' }],
    automatic: [],
  }

  it('refuses a removal unless the file allows it', () => {
    expect(refuseTransaction(transaction, { removals: 'refuse', exclude: [] })?.key).toBe('removals')
    expect(refuseTransaction(transaction, { removals: 'allow', exclude: [] })).toBe(undefined)
  })

  it('refuses a dependency that exclude keeps out', () => {
    const pulled = { ...transaction, removals: [] }
    expect(refuseTransaction(pulled, { removals: 'refuse', exclude: ['cur*'] })?.reason).toContain('needs curl')
  })
})

describe('neverRolledBack', () => {
  it.each(['linux-image-6.1.0-40-amd64', 'libc6', 'libc6:i386', 'postgresql-15', 'mariadb-server', 'redis-server'])(
    'keeps %s where it is',
    (name) => expect(neverRolledBack(name)).toBe(true),
  )
  it.each(['nginx', 'libcurl4', 'openssl', 'demo-web'])('lets %s go back', (name) =>
    expect(neverRolledBack(name)).toBe(false),
  )
})
