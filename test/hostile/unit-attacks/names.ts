import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { loadMaintenanceFile } from '../../../src/config/load'
import { ConfigError } from '../../../src/errors'
import type { UnitAttack } from './unit-attack'

function requireRefused(text: string): void {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-hostile-file-'))
  try {
    writeFileSync(join(root, 'maintenance.yml'), text)
    expect(() => loadMaintenanceFile('maintenance.yml', { root })).toThrow(ConfigError)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const host = (entry: object, name = 'web-1') =>
  stringify({ version: 1, hosts: { [name]: { address: '192.0.2.1', ...entry } } })

const ADDRESSES = [
  '-oProxyCommand=id',
  '-l',
  '$(id)',
  '`id`',
  'a;id',
  'a b',
  'a\nb',
  '../x',
  'user@host',
  'host:',
  '[::1]',
  '',
  'a|id',
  'ä.example',
]
const USERS = ['-oProxyCommand=id', 'root;id', 'Root', '$(id)', 'a b', '../root', 'a'.repeat(33), '0', '']
const NAMES = [
  '__proto__',
  'Web-1',
  '-web',
  '../web',
  'web/1',
  'web 1',
  'a'.repeat(64),
  'web\n1',
  'web;1',
  '.web',
  '$(id)',
  '::error::x',
]
const SECRETS = [
  ...['INPUT_SSH_PRIVATE_KEY', 'GITHUB_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'RUNNER_TEMP', 'STATE_key'],
  ...['NODE_OPTIONS', 'LD_PRELOAD', 'SSH_AUTH_SOCK', 'path', 'A-B', '', 'A} ${env:B'],
]

const DOCUMENTS: Readonly<Record<string, readonly [string, string]>> = {
  alias: ['an alias of YAML', 'version: 1\nhosts: &a { web-1: { address: 192.0.2.1 } }\ngroups: *a\n'],
  bomb: [
    'aliases that grow',
    `a: &a [x,x,x]\nb: &b [*a,*a,*a]\nversion: 1\nhosts: { web-1: { address: 192.0.2.1 } }\n`,
  ],
  merge: ['a merge key', 'version: 1\nhosts:\n  web-1: { <<: { address: 192.0.2.1 } }\n'],
  tag: ['a tag that makes code', 'version: 1\nhosts: { web-1: { address: !!js/function "x" } }\n'],
  deep: ['lists ten thousand levels deep', `version: 1\nhosts: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`],
  long: ['more than a megabyte', `version: 1\nhosts: { web-1: { address: 192.0.2.1 } }\n#${'x'.repeat(2 ** 20)}\n`],
  two: ['two documents', 'version: 1\nhosts: { web-1: { address: 192.0.2.1 } }\n---\nversion: 1\n'],
  twice: ['a key twice', 'version: 1\nversion: 1\nhosts: { web-1: { address: 192.0.2.1 } }\n'],
  proto: ['a key called __proto__', 'version: 1\n__proto__: { x: 1 }\nhosts: { web-1: { address: 192.0.2.1 } }\n'],
  nul: ['a NUL', 'version: 1\x00\nhosts: { web-1: { address: 192.0.2.1 } }\n'],
}

const row = (id: string, does: string, text: string): UnitAttack => ({
  id: `file-${id}`,
  where: 'config',
  does,
  must: 'the file is refused, nobody is contacted',
  holds: () => requireRefused(text),
})

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

export const nameAttacks: readonly UnitAttack[] = [
  ...ADDRESSES.map((address, i) =>
    row(`address-${i + 1}`, `gives a host the address ${shown(address)}`, host({ address })),
  ),
  ...USERS.map((user, i) => row(`user-${i + 1}`, `logs in as ${shown(user)}`, host({ user }))),
  ...NAMES.map((name, i) => row(`name-${i + 1}`, `calls a host ${shown(name)}`, host({}, name))),
  ...SECRETS.map((name, i) =>
    row(
      `secret-${i + 1}`,
      `has the variable ${shown(name)} sent to a host`,
      stringify({
        version: 1,
        hosts: { 'web-1': { address: '192.0.2.1' } },
        stages: { update: { after: [{ run: 'true', env: { X: `\${env:${name}}` } }] } },
      }),
    ),
  ),
  ...Object.entries(DOCUMENTS).map(([id, [what, text]]) => row(id, `is a file with ${what}`, text)),
]
