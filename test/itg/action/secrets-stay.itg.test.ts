import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { Job } from '../../runner/harness'

/**
 * A hook on the runner that looks for secrets wherever a program of the same user can look without stopping others:
 * its own environment, and that of every process of the machine. `marker` is no secret: it proves that it could look.
 */
const PEEK = `#!/bin/sh
out=$1
{ echo '# env'; env
  for p in /proc/[0-9]*; do
    for f in environ cmdline; do
      tr '\\0' '\\n' <"$p/$f" 2>/dev/null | sed "s|^|$f |"
    done
  done
} >"$out"
# What follows is of no interest here: a hook that fails ends the maintenance of its host.
exit 1
`

let folder: string
let seenPath: string
let secrets: Record<'key' | 'passphrase' | 'sudo' | 'token' | 'listed' | 'unlisted' | 'oidc', string>
// Where everybody may write, root keeps nothing (H22).
const base = userInfo().uid === 0 ? homedir() : tmpdir()
const secret = () => randomBytes(16).toString('hex')
beforeEach(() => {
  folder = mkdtempSync(join(base, '.pitstop-secrets-'))
  seenPath = join(folder, 'seen')
  const names = ['key', 'passphrase', 'sudo', 'token', 'listed', 'unlisted', 'oidc'] as const
  secrets = Object.fromEntries(names.map((name) => [name, secret()])) as typeof secrets
  writeFileSync(join(folder, 'peek.sh'), PEEK, { mode: 0o755 })
  writeFileSync(
    join(folder, 'maintenance.yml'),
    `version: 1
hosts:
  me: { transport: local, become: none, state_dir: ${folder}/state }
stages:
  prepare: { before: [{ run: ./peek.sh ${seenPath}, on: runner }], space: {} }
  update: { packages: none }
`,
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

function expectNoSecretSeen(marker: string): void {
  const seen = readFileSync(seenPath, 'utf8')
  // Else the hook looked nowhere.
  expect(seen).toContain(`environ ${marker}`)
  for (const [name, value] of Object.entries(secrets)) expect([name, seen.includes(value)]).toEqual([name, false])
}

test('H3: a hook on the runner finds no secret of the action, in its environment or in that of any process', async () => {
  using job = new Job()
  const marker = secret()
  const end = await job.run({
    entry: join(inject('bundle'), 'index.js'),
    workspace: folder,
    inputs: {
      'ssh-private-key': secrets.key,
      'ssh-key-passphrase': secrets.passphrase,
      'sudo-password': secrets.sudo,
      'github-token': secrets.token,
      secrets: 'APP_SECRET',
    },
    env: {
      APP_SECRET: secrets.listed,
      OTHER_SECRET: secrets.unlisted,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: secrets.oidc,
      GITHUB_API_URL: 'http://127.0.0.1:1',
      GITHUB_RUN_ID: marker,
    },
  })
  expect(end.lines.join('\n')).toContain('peek.sh')
  expectNoSecretSeen(`GITHUB_RUN_ID=${marker}`)
})

test('H3: nor of the command line, in the processes that are its own', async () => {
  const marker = secret()
  const child = spawn(process.execPath, [join(inject('bundle'), 'cli.js'), 'run', '--secrets', 'APP_SECRET'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TERM: marker,
      PITSTOP_SSH_PRIVATE_KEY: secrets.key,
      PITSTOP_SSH_KEY_PASSPHRASE: secrets.passphrase,
      PITSTOP_SUDO_PASSWORD: secrets.sudo,
      GITHUB_TOKEN: secrets.token,
      APP_SECRET: secrets.listed,
      OTHER_SECRET: secrets.unlisted,
      HTTPS_PROXY: `http://me:${secrets.oidc}@proxy.example:3128`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
  await new Promise((resolve) => child.once('close', resolve))
  expect(told).toContain('peek.sh')
  expectNoSecretSeen(`TERM=${marker}`)
})
