import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandEnv, commandSh, expand } from '../../../src/config/command'

const host = { name: 'web-1', address: '192.0.2.11', group: 'web' }
const script = (text: string) => new Map([['./x.sh', { path: './x.sh', text, sha256: 'abc' }]])

describe('a command of the file', () => {
  const STOPS = 'set -e; if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi'
  const asks = (words: string) =>
    `${STOPS}\npitstop_e=-e; if ${words} -o pipefail -c : 2>/dev/null; then pitstop_e='-e -o pipefail'; fi\n${words} $pitstop_e`

  it.each([
    ['./x.sh', 'echo\n', `${asks('sh')} "$PITSTOP_SCRIPT"`],
    ['./x.sh previous', '#!/bin/bash\n', `${STOPS}\n/bin/bash -e -o pipefail "$PITSTOP_SCRIPT" previous`],
    ['  ./x.sh "a b"', '#!/bin/bash -u\n', `${STOPS}\n/bin/bash -u -e -o pipefail "$PITSTOP_SCRIPT" "a b"`],
    ['./x.sh', '#! /usr/bin/env bash\r\n', `${STOPS}\n/usr/bin/env bash -e -o pipefail "$PITSTOP_SCRIPT"`],
    ['./x.sh', '#!/usr/bin/env -S bash -u\n', `${STOPS}\n/usr/bin/env '-S bash -u' -e -o pipefail "$PITSTOP_SCRIPT"`],
    ['./x.sh', '#!/bin/sh -\n', `${asks('/bin/sh')} "$PITSTOP_SCRIPT"`],
    ['./x.sh', '#!/bin/busybox sh\n', `${asks('/bin/busybox sh')} "$PITSTOP_SCRIPT"`],
    ['./x.sh', '#!/usr/bin/env python3\n', `${STOPS}\n/usr/bin/env python3 "$PITSTOP_SCRIPT"`],
    ['./x.sh {host} {group}', 'echo\n', `${asks('sh')} "$PITSTOP_SCRIPT" web-1 web`],
  ])('%j with %j runs as %j', (command, text, run) => {
    const made = commandSh(command, host, script(text))
    expect(made.run.text).toBe(run)
    expect(made.script).toEqual({ text, sha256: 'abc' })
  })

  it('is reviewed shell text when it is no script; only placeholders change, and it stops at the first failure', () => {
    const made = commandSh('a=${b} awk "{print}" | ssh {address} ./x.sh', host)
    expect(made.run.text).toBe(`${STOPS}\na=\${b} awk "{print}" | ssh 192.0.2.11 ./x.sh`)
    expect(made.script).toBeUndefined()
  })

  it('is handed to bash where the file says so, a script without a #! line too', () => {
    expect(commandSh('false | cat', host, undefined, 'bash').run.text).toBe("exec bash -e -o pipefail -c 'false | cat'")
    expect(commandSh('./x.sh', host, script('echo\n'), 'bash').run.text).toContain(
      'bash -e -o pipefail "$PITSTOP_SCRIPT"',
    )
  })

  it('never runs a script that was not read with the file', () => {
    expect(() => commandSh('./other.sh', host, script('echo\n'))).toThrow('./other.sh')
  })

  it('runs for real from a file without its executable bit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitstop-command-'))
    const path = join(folder, 'sent')
    const text = '#!/bin/sh -u\nprintf "%s|" "$0" "$@"\n'
    writeFileSync(path, text, { mode: 0o600 })
    const { run } = commandSh('./x.sh "two words" {host} $((1 + 1))', host, script(text))
    const out = execFileSync('sh', ['-c', run.text], { env: { PATH: process.env.PATH, PITSTOP_SCRIPT: path } })
    rmSync(folder, { recursive: true })
    expect(out.toString()).toBe(`${path}|two words|web-1|2|`)
  })

  it('fills every name in as exactly one word, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string().filter((s) => !s.includes('\0')),
        (name) => {
          const { run } = commandSh("printf '%s|' {host} end", { ...host, name })
          expect(execFileSync('sh', ['-c', run.text]).toString()).toBe(`${name}|end|`)
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('the environment of a command', () => {
  it('has the facts of the host, the literals, and secrets by name only', () => {
    expect(commandEnv(host, 'drain', 'run1', { TOKEN: '${env:MY_TOKEN}', URL: 'http://{host}/' })).toEqual({
      env: {
        PITSTOP_HOST: 'web-1',
        PITSTOP_ADDRESS: '192.0.2.11',
        PITSTOP_GROUP: 'web',
        PITSTOP_STAGE: 'drain',
        PITSTOP_RUN: 'run1',
        URL: 'http://web-1/',
      },
      secretEnv: { TOKEN: { env: 'MY_TOKEN' } },
    })
  })

  it('leaves other braces alone', () => {
    expect(expand('{hst} {host} {group}{address} ${host}', host)).toBe('{hst} web-1 web192.0.2.11 $web-1')
  })
})
