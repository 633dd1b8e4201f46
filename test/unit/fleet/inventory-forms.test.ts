import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadMaintenanceFile } from '../../../src/config/load'
import { planWarnings } from '../../../src/plan/warnings'

/** Loads a maintenance file that names `inventory`, beside these files. */
function load(inventory: string, files: Readonly<Record<string, string>>, more = '') {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-forms-'))
  try {
    const all = { 'm.yml': `version: 1\ninventory: { ansible: ${inventory} }\n${more}`, ...files }
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    return loadMaintenanceFile('m.yml', { root })
  } finally {
    rmSync(root, { recursive: true })
  }
}

describe('case 11: variables beside an inventory', () => {
  const hosts = '[web]\nweb-1\nweb-2\n[web:vars]\nansible_user=www\n'

  it('of all hosts, of a group and of a host are read, in the order of Ansible', () => {
    const file = load('hosts.ini', {
      'hosts.ini': hosts,
      'group_vars/all.yml': 'ansible_user: deploy\nansible_port: 2222\n',
      'group_vars/web/main.yml': 'ansible_user: web\nlist: [1, 2]\n',
      'host_vars/web-1.yml': 'ansible_host: 192.0.2.7\n',
      'host_vars/web-2': '{"ansible_user": "two"}\n',
      'group_vars/other.yml': 'ansible_user: nobody\n',
    })
    expect(file.hosts.get('web-1')).toMatchObject({ address: '192.0.2.7', port: 2222, user: 'web' })
    expect(file.hosts.get('web-2')).toMatchObject({ address: 'web-2', port: 2222, user: 'two' })
  })

  it('lie over the groups of the inventory itself, and below its hosts', () => {
    const file = load('inv/hosts.ini', {
      'inv/hosts.ini': '[web]\na\nb ansible_user=own\n[web:vars]\nansible_user=www\n',
      'inv/group_vars/all': 'ansible_user: everyone\n',
    })
    expect(file.hosts.get('a')?.user).toBe('everyone')
    expect(file.hosts.get('b')?.user).toBe('own')
  })

  it('may hold anchors, tags and vaults, which nobody needs', () => {
    const file = load('hosts.ini', {
      'hosts.ini': hosts,
      'group_vars/all/vars.yml': 'a: &x { k: v }\nb: *x\npw: !vault |\n  $ANSIBLE_VAULT;1.1\nansible_user: deploy\n',
      'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
    })
    expect(file.hosts.get('web-1')?.user).toBe('deploy')
  })

  it('are refused where they are wrong, secret or unreadable, with the name of their file', () => {
    const wrong = (text: string) => load('hosts.ini', { 'hosts.ini': hosts, 'group_vars/all.yml': text })
    expect(() => wrong('ansible_user: !vault x\n')).toThrow(/group_vars\/all.yml:1:.*tags/)
    expect(() => wrong('\nansible_password: x\n')).toThrow(/group_vars\/all.yml:2:.*ansible_password is refused/)
    expect(() => wrong('ansible_host: "{{ ip }}"\n')).toThrow(/ansible_host is no host name/)
    expect(() => wrong('a: [\n')).toThrow(/group_vars\/all.yml:1:1: the variables cannot be read/)
  })
})

describe('R3: an inventory in YAML', () => {
  const yaml = 'all:\n  vars:\n    secret: !vault |\n      $ANSIBLE_VAULT;1.1\n  hosts:\n    a: { ansible_user: x }\n'

  it('may hold a vault on a variable nobody needs', () => {
    expect(load('hosts.yml', { 'hosts.yml': yaml }).hosts.get('a')?.user).toBe('x')
  })

  it.each([yaml, `---\n# comment\n${yaml}`, `# comment\n\n${yaml}`])(
    'is known without an ending of its name',
    (text) => {
      expect(load('inventories/prod/hosts', { 'inventories/prod/hosts': text }).hosts.get('a')?.user).toBe('x')
    },
  )

  it('is not seen in an INI inventory without an ending', () => {
    expect(load('hosts', { hosts: 'a:2222 ansible_user=x\n' }).hosts.get('a')).toMatchObject({ port: 2222, user: 'x' })
  })
})

describe('R4: hosts that are not reached by SSH, and names', () => {
  const mixed = 'localhost ansible_connection=local\nweb-1\n[win]\nwin-1\n[win:vars]\nansible_connection=winrm\n'

  it('are left out by name in the plan, and block no other host', () => {
    const file = load('hosts.ini', { 'hosts.ini': mixed })
    expect([...file.hosts.keys()]).toEqual(['web-1'])
    const warnings = planWarnings(file)
    expect(warnings).toContainEqual(expect.stringMatching(/^localhost is left out: .*ansible_connection=local/))
    expect(warnings).toContainEqual(expect.stringMatching(/^win-1 is left out: .*ansible_connection=winrm/))
  })

  it('are maintained where the file gives them a transport, and asked for one where it names them', () => {
    const local = load('hosts.ini', { 'hosts.ini': mixed }, 'hosts: { localhost: { transport: local } }\n')
    expect(local.hosts.get('localhost')?.transport).toBe('local')
    expect(() => load('hosts.ini', { 'hosts.ini': mixed }, 'hosts: { win-1: { user: x } }\n')).toThrow(
      /hosts.win-1.transport: is missing: the inventory says ansible_connection=winrm/,
    )
  })

  it('a name in upper case is read in lower case, and keeps its address', () => {
    const file = load('hosts.ini', { 'hosts.ini': '[web]\nWEB-1\nDb.Example.COM\n' })
    expect(file.hosts.get('web-1')).toMatchObject({ address: 'WEB-1', group: 'web' })
    expect(file.hosts.get('db.example.com')?.address).toBe('Db.Example.COM')
    expect(() => load('hosts.ini', { 'hosts.ini': 'WEB-1\nweb-1\n' })).toThrow(/two hosts are called web-1/)
  })
})
