import { expect, test } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands'
import { flagsOf, parseCommandLine } from '../../../src/cli/parse-command-line'
import { usage } from '../../../src/cli/usage'

const parse = (line: string, env: NodeJS.ProcessEnv = {}) => parseCommandLine(line === '' ? [] : line.split(' '), env)

test('flags are the names of the inputs', () => {
  expect(
    parse(
      'run --config ops/m.yml --hosts=web-1,group:db --report-dir out --ignore-window --secrets A_KEY,B_KEY --identity k --known-hosts-file h',
    ),
  ).toMatchObject({
    command: 'run',
    inputs: {
      config: 'ops/m.yml',
      mode: 'run',
      hosts: 'web-1,group:db',
      reportDir: 'out',
      ignoreWindow: true,
      secrets: ['A_KEY', 'B_KEY'],
    },
    files: { identity: 'k', knownHosts: 'h' },
  })
})

test('no command is bad usage; help is asked for', () => {
  expect(parse('')).toEqual({ command: 'none' })
  expect(parse('help')).toEqual({ command: 'help', about: null })
})

test.each(['run', 'plan', 'verify', 'recover'])('the command %s is the mode', (command) => {
  expect(parse(command)).toMatchObject({
    command,
    inputs: { mode: command, config: 'maintenance.yml', ignoreWindow: false },
    files: { identity: null, knownHosts: null },
  })
})

test('secrets come by environment', () => {
  expect(
    parse('run', {
      PITSTOP_SSH_PRIVATE_KEY: 'key',
      PITSTOP_SSH_KEY_PASSPHRASE: 'phrase',
      PITSTOP_SUDO_PASSWORD: 'sudo-pw',
      GITHUB_TOKEN: 'token',
    }),
  ).toMatchObject({
    inputs: { sshPrivateKey: 'key', sshKeyPassphrase: 'phrase', sudoPassword: 'sudo-pw', githubToken: 'token' },
  })
})

test.each(['--ssh-private-key', '--sudo-password', '--ssh-key-passphrase', '--github-token'])(
  'a secret as %s is refused without being shown',
  (flag) => {
    expect(() => parse(`run ${flag} hunter2!`)).toThrow(/would show the secret .* set the environment variable/)
    expect(() => parse(`run ${flag} hunter2!`)).not.toThrow(/hunter2/)
  },
)

test.each([
  ['rnu', 'there is no command "rnu"; did you mean "run"?'],
  ['doctor', 'the command "doctor" is not available in this version'],
  ['evidence', 'the command "evidence" is not available in this version'],
  ['demo --break db-1', '--break: the demo has no host "db-1" to break, only web-1, web-2, web-3'],
  ['demo --break web2', 'did you mean "web-2"?'],
  ['demo --hosts web-1', 'the command "demo" has no flag --hosts'],
  ['demo web-1', '"web-1" is one word too many'],
  ['run --host web-1', 'the command "run" has no flag --host; did you mean "hosts"?'],
  ['run -x', 'the command "run" has no flag -x'],
  ['run --mode plan', 'the command "run" has no flag --mode'],
  ['run --hosts', 'the flag --hosts needs a value'],
  ['run --hosts --config x', 'the flag --hosts needs a value'],
  ['run --hosts a --hosts b', 'the flag --hosts is given twice'],
  ['run web-1', '"web-1" is one word too many'],
  ['run --ignore-window=yes', 'ignore-window: expected true or false, got "yes"'],
  ['run --shard 1/2', 'shard: this input is not available in this version'],
  ['run --known-hosts x --known-hosts-file y', 'give the known hosts once: --known-hosts-file or --known-hosts'],
  ['schema x', 'expected "schema maintenance" or "schema report"'],
  ['release --reason x', 'expected the name of one host: release HOST --reason TEXT'],
  ['release web-1', 'a host is released with a reason only: release HOST --reason TEXT'],
])('"%s" is refused: %s', (line, message) => expect(() => parse(line)).toThrow(message))

test('demo takes its own flags', () => {
  expect(parse('demo')).toEqual({ command: 'demo', breaking: null, keep: false, reportDir: 'pitstop-demo' })
  expect(parse('demo --break web-2 --keep --report-dir out')).toEqual({
    command: 'demo',
    breaking: 'web-2',
    keep: true,
    reportDir: 'out',
  })
})

test('a key is given once', () => {
  expect(() => parse('run --identity k', { PITSTOP_SSH_PRIVATE_KEY: 'x' })).toThrow('give the key once')
})

test('release takes a host and a reason', () => {
  expect(parseCommandLine(['release', 'web-1', '--reason', 'disk replaced', '--identity', 'k'], {})).toMatchObject({
    command: 'release',
    host: 'web-1',
    reason: 'disk replaced',
  })
})

test('schema names one of two', () => {
  expect(parse('schema')).toEqual({ command: 'schema', of: 'maintenance' })
  expect(parse('schema report')).toEqual({ command: 'schema', of: 'report' })
})

test.each([
  ['--help', null],
  ['help run', 'run'],
  ['run --help', 'run'],
])('"%s" asks for help', (line, about) => {
  expect(parse(line)).toEqual({ command: 'help', about })
})

test('help about what is no command is bad usage', () => {
  expect(() => parse('help foo')).toThrow('there is no command "foo"')
  expect(() => parse('help doctor')).toThrow('the command "doctor" is not available in this version')
})

test('help names every command and every flag that works', () => {
  const all = usage(null)
  for (const command of COMMANDS) {
    expect(all).toContain(`  ${command} `)
    for (const flag of flagsOf(command)) {
      const later = ['plan', 'shard', 'reports'].includes(flag)
      expect(usage(command).includes(`--${flag} `), `${command} --${flag}`).toBe(!later)
    }
  }
})
