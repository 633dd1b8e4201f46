import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadMaintenanceFile } from '../../../src/config/load'
import { whyNoStateDir } from '../../../src/config/state-dir'
import { ConfigError } from '../../../src/errors'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pitstop-state-dir-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function load(state_dir: string, address = '192.0.2.1') {
  writeFileSync(join(root, 'maintenance.yml'), stringify({ version: 1, hosts: { 'web-1': { address, state_dir } } }))
  return loadMaintenanceFile('maintenance.yml', { root }).hosts.get('web-1')?.stateDir
}

describe('H22: the folder of the state', () => {
  it.each([
    '/',
    '//',
    '/etc',
    '/etc/pitstop',
    '/pitstop',
    '/run/systemd',
    '/run/systemd/system',
    '/run/pitstop',
    '/run/user/1000/pitstop',
    '/var/run/pitstop',
    '/usr/lib/pitstop',
    '/lib64/pitstop',
    '/boot/pitstop',
    '/dev/shm/pitstop',
    '/proc/1/cwd',
    '/sys/kernel',
    '/var/lib',
    '/var/lib/dpkg',
    '/var/lib/systemd/pitstop',
    '/home/maint',
    '/root',
    '/srv/',
    '/srv//pitstop',
    '/srv/./pitstop',
    '/srv/pitstop/',
    '/srv/pitstop data',
    '/srv/pit\tstop',
    '/srv/$(id)',
    '/srv/`id`',
    "/srv/it's",
    '/srv/a;b',
    '/srv/ä',
    'srv/pitstop',
    '~/pitstop',
    '',
  ])('%j is refused, in the file and where placeholders or a home give it', (path) => {
    expect(whyNoStateDir(path)).not.toBeNull()
    expect(() => load(path)).toThrow(ConfigError)
  })

  it.each(['/srv/../etc', '/srv/pitstop/..', '/..'])('%j is refused: it leads back', (path) => {
    expect(whyNoStateDir(path)).not.toBeNull()
    expect(() => load(path)).toThrow('".."')
  })

  it.each([
    '/var/lib/pitstop',
    '/home/maint/.pitstop',
    '/srv/pitstop',
    '/opt/pitstop/state',
    '/tmp/pitstop-demo-1/web-1',
  ])('%j is taken', (path) => {
    expect(whyNoStateDir(path)).toBeNull()
    expect(load(path)).toBe(path)
  })

  it('is judged once its placeholders are filled in', () => {
    expect(load('/srv/pitstop/{host}')).toBe('/srv/pitstop/web-1')
    expect(load('/srv/{address}')).toBe('/srv/192.0.2.1')
    expect(() => load('/srv/{address}', '2001:db8::1')).toThrow('expected an absolute path')
    expect(() => load('/srv/{port}')).toThrow('expected an absolute path')
    expect(() => load('/{host}')).toThrow('fewer than two components')
  })
})
