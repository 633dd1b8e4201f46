import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadMaintenanceFile } from '../../../src/config/load'
import { ConfigError } from '../../../src/errors'
import { parseIniInventory } from '../../../src/fleet/inventory-ini'
import { parseJsonInventory } from '../../../src/fleet/inventory-json'
import { expandRange } from '../../../src/fleet/inventory-ranges'
import { resolveInventory } from '../../../src/fleet/inventory-resolve'
import { parseYamlInventory } from '../../../src/fleet/inventory-yaml'

const INI = `
# a comment
; another
alone ansible_host=192.0.2.9

[web]
web[01:03].example.com ansible_user=deploy # inline
web10:2222 ansible_host="192.0.2.10"

[db]
db-[a:b] ansible_host='192.0.2.20'

[prod:children]
web
db

[web:vars]
ansible_port = 2022
ansible_user = www

[prod:vars]
ansible_port=22
ansible_user=ops

[all:vars]
ansible_user=root
ansible_python_interpreter=/usr/bin/python3
app_list=['a', 'b']
`

const YAML = `
all:
  vars: { ansible_user: root }
  hosts: { alone: { ansible_host: 192.0.2.9 } }
  children:
    prod:
      vars: { ansible_port: 22, ansible_user: ops }
      children:
        web:
          vars: { ansible_port: 2022, ansible_user: www, packages: [nginx] }
          hosts:
            web[01:03].example.com: { ansible_user: deploy }
            web10: { ansible_host: 192.0.2.10, ansible_port: 2222 }
        db:
          hosts:
            db-[a:b]: { ansible_host: 192.0.2.20 }
`

const JSON_LIST = JSON.stringify({
  _meta: {
    hostvars: {
      alone: { ansible_host: '192.0.2.9', ansible_user: 'root' },
      'web01.example.com': { ansible_user: 'deploy', ansible_port: 2022 },
      'web02.example.com': { ansible_user: 'deploy', ansible_port: 2022, tags: ['x'] },
      'web03.example.com': { ansible_user: 'deploy', ansible_port: 2022 },
      web10: { ansible_host: '192.0.2.10', ansible_port: 2222, ansible_user: 'www' },
      'db-a': { ansible_host: '192.0.2.20', ansible_port: 22, ansible_user: 'ops' },
      'db-b': { ansible_host: '192.0.2.20', ansible_port: 22, ansible_user: 'ops' },
    },
  },
  all: { children: ['ungrouped', 'prod'] },
  ungrouped: { hosts: ['alone'] },
  prod: { children: ['web', 'db'] },
  web: { hosts: ['web01.example.com', 'web02.example.com', 'web03.example.com', 'web10'] },
  db: { hosts: ['db-a', 'db-b'] },
})

const WANT = [
  { name: 'alone', address: '192.0.2.9', user: 'root', port: null, direct: [], inherited: [] },
  { name: 'db-a', address: '192.0.2.20', user: 'ops', port: 22, direct: ['db'], inherited: ['prod'] },
  { name: 'db-b', address: '192.0.2.20', user: 'ops', port: 22, direct: ['db'], inherited: ['prod'] },
  {
    name: 'web01.example.com',
    address: 'web01.example.com',
    user: 'deploy',
    port: 2022,
    direct: ['web'],
    inherited: ['prod'],
  },
  {
    name: 'web02.example.com',
    address: 'web02.example.com',
    user: 'deploy',
    port: 2022,
    direct: ['web'],
    inherited: ['prod'],
  },
  {
    name: 'web03.example.com',
    address: 'web03.example.com',
    user: 'deploy',
    port: 2022,
    direct: ['web'],
    inherited: ['prod'],
  },
  { name: 'web10', address: '192.0.2.10', user: 'www', port: 2222, direct: ['web'], inherited: ['prod'] },
]

describe('one fleet in the three forms of an inventory', () => {
  it.each([
    ['INI', () => parseIniInventory(INI, 'hosts.ini')],
    ['YAML', () => parseYamlInventory(Buffer.from(YAML), 'hosts.yml')],
    ['ansible-inventory --list', () => parseJsonInventory(JSON_LIST, 'hosts.json')],
  ])('reads the same hosts from %s', (_, parse) => {
    const { hosts, problems } = resolveInventory(parse())
    expect(problems).toEqual([])
    const found = hosts.map(({ at, ...host }) => host).sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(found).toEqual(WANT)
  })

  it('a host of two lines has the groups and variables of both', () => {
    const { hosts } = resolveInventory(parseIniInventory('[a]\nh ansible_user=x\n[b]\nh ansible_port=23\n', 'i'))
    expect(hosts).toMatchObject([{ name: 'h', user: 'x', port: 23, direct: ['a', 'b'] }])
  })
})

describe('a range of hosts', () => {
  it.each([
    ['web[1:3]', ['web1', 'web2', 'web3']],
    ['web[08:11]', ['web08', 'web09', 'web10', 'web11']],
    ['n[0:6:3]-x', ['n0-x', 'n3-x', 'n6-x']],
    ['db[a:c]', ['dba', 'dbb', 'dbc']],
    ['r[1:2]c[a:b]', ['r1ca', 'r1cb', 'r2ca', 'r2cb']],
    ['plain', ['plain']],
  ])('%s', (pattern, names) => {
    expect(expandRange(pattern)).toEqual(names)
  })

  it.each([
    'web[3:1]',
    'web[1:]',
    'web[1]',
    'web[01:100]',
    'web[a:3]',
    'web[1:3',
    'web1:3]',
    'web[1:2:0]',
    'web[0:99999999]',
  ])('%s is none', (pattern) => {
    expect(expandRange(pattern)).toBeNull()
  })
})

describe('an inventory of the maintenance file', () => {
  function load(maintenance: string, inventory: string, mode = 0o644) {
    const root = mkdtempSync(join(tmpdir(), 'pitstop-inventory-'))
    try {
      writeFileSync(join(root, 'm.yml'), maintenance)
      writeFileSync(join(root, 'hosts.ini'), inventory)
      chmodSync(join(root, 'hosts.ini'), mode)
      return loadMaintenanceFile('m.yml', { root })
    } finally {
      rmSync(root, { recursive: true })
    }
  }

  it('lies between ssh and hosts, and gives each host its one group', () => {
    const file = load(
      'version: 1\nssh: { user: maint, port: 99 }\ninventory: { ansible: hosts.ini }\ngroups: { prod: {} }\nhosts: { a: { user: root } }\n',
      '[web]\na ansible_host=192.0.2.1 ansible_user=x\nb ansible_port=5\n[prod:children]\nweb\n[db]\nc\n',
    )
    expect(file.hosts.get('a')).toMatchObject({ address: '192.0.2.1', user: 'root', port: 99, group: 'prod', line: 5 })
    expect(file.hosts.get('b')).toMatchObject({ address: 'b', user: 'maint', port: 5, group: 'prod', line: null })
    expect(file.hosts.get('c')).toMatchObject({ group: 'db' })
  })

  it('H5: an executable inventory is refused, it would be a program', () => {
    expect(() => load('version: 1\ninventory: { ansible: hosts.ini }\n', 'a\n', 0o755)).toThrow(ConfigError)
    expect(() => load('version: 1\ninventory: { ansible: hosts.ini }\n', 'a\n', 0o644)).not.toThrow()
  })
})
