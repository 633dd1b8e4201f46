import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandSh } from '../../../src/config/command'
import { type FileCommand, fileCommands, pipesInSh } from '../../../src/config/file-commands'
import { inlineScript } from '../../../src/shell/inline-script'
import { hostConfig } from '../../fixtures/host-config'

const host = { name: 'web-1', address: '192.0.2.11', group: 'web' }
const SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix'], ['mksh']].filter(
  ([name = '', ...rest]) => spawnSync(name, [...rest, '-c', ':']).status === 0,
)
const scripts = (text: string) => new Map([['./x', { path: './x', text, sha256: 'f'.repeat(64) }]])
const knowsPipefail = ([name = '', ...rest]: readonly string[]) =>
  spawnSync(name, [...rest, '-c', 'set -o pipefail']).status === 0

/** The exit code of a command of the file, run as a step is: a file of its own. */
function run(shell: readonly string[], command: string, script?: string, by?: 'bash'): number | null {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-stops-'))
  const made = commandSh(command, host, script === undefined ? undefined : scripts(script), by)
  const [name = 'sh', ...rest] = shell
  writeFileSync(join(folder, 'step'), inlineScript(made.run, made.script).text)
  const end = spawnSync(name, [...rest, join(folder, 'step')], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return end.status
}

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('under %s', (_, shell) => {
  it('a command that fails is a failure, whatever stands behind it', () => {
    expect(run(shell, 'false\necho')).not.toBe(0)
    expect(run(shell, 'false; echo')).not.toBe(0)
    expect(run(shell, 'true; echo')).toBe(0)
    expect(run(shell, 'false || echo')).toBe(0)
    expect(run(shell, 'if false; then :; fi; echo')).toBe(0)
  })

  it('so it is in a script, with a #! line of a shell and without, and its arguments stay', () => {
    for (const head of ['', '#!/bin/sh\n', '#!/bin/sh -\n', '#!/usr/bin/env sh\n'])
      expect(run(shell, './x a', `${head}false; echo`)).not.toBe(0)
    expect(run(shell, './x a "b c"', '#!/bin/sh\n[ "$#" = 2 ] && [ "$2" = "b c" ]\n')).toBe(0)
    expect(run(shell, './x || true', 'exit 3\n')).toBe(0)
  })

  it('a failure in the middle of a pipe is one where the shell can tell, and always under bash', () => {
    expect(run(shell, 'false | cat') !== 0).toBe(knowsPipefail(shell))
    expect(run(shell, 'false | cat', undefined, 'bash')).not.toBe(0)
    expect(run(shell, 'true | cat', undefined, 'bash')).toBe(0)
    expect(run(shell, './x', '#!/bin/bash\nfalse | cat\n')).not.toBe(0)
    expect(run(shell, './x', 'false | cat\n', 'bash')).not.toBe(0)
  })
})

describe('a pipe in a command of sh', () => {
  const pipes = (text: string, more: Partial<FileCommand> = {}, script = '') =>
    pipesInSh({ path: '', text, shell: 'sh', on: 'host', ...more }, { scripts: scripts(script) })

  it.each(['pg_dump app | gzip > f', 'a |& b', 'a\n| b', 'a && b | c', 'x=$(a | b)'])('is seen in %j', (text) => {
    expect(pipes(text)).toBe(true)
    expect(pipes(text, { shell: 'bash' })).toBe(false)
    expect(pipes('./x', {}, text)).toBe(true)
    expect(pipes('./x', {}, `#!/bin/bash\n${text}`)).toBe(false)
  })

  it.each(['a || b', "echo 'a | b'", 'grep "x|y" f', 'a # b | c', 'a >| f', 'case $x in a|b) c ;; d | e) f ;; esac'])(
    'is not seen in %j',
    (text) => {
      expect(pipes(text)).toBe(false)
    },
  )
})

it('every command of the stages is found, with its shell and its place', () => {
  const { stages } = hostConfig({
    stages: {
      drain: {
        traffic: [{ command: { drain: 'd', undrain: 'u', state: 's', on: 'runner', shell: 'bash' } }],
        before: [{ run: 'h' }],
      },
      prepare: { backup: [{ command: { run: 'b', prove: 'p' } }] },
      update: { apps: [{ name: 'a', run: 'r', version: 'v', rollback: 'k', shell: 'bash' }] },
      verify: { checks: [{ command: { run: 'c', on: 'lb-1' } }] },
    },
  })
  const found = fileCommands({ stages })
  const said = found.map(({ text, shell, on }) => `${text} ${shell} ${on}`).sort()
  expect(said).toEqual(
    [
      'b sh host',
      'p sh host',
      'h sh host',
      'd bash runner',
      'u bash runner',
      's bash runner',
      'r bash host',
      'v bash host',
      'k bash host',
      'c sh lb-1',
    ].sort(),
  )
})
