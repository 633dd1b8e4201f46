import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionInputs, INPUT_DEFAULTS, type InputName, inputVariable } from '../../../src/action/inputs'
import { ConfigError, type Problem } from '../../../src/errors'

const declared = parse(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<string, { default?: string; description: string; required?: boolean }>
  runs: Record<string, string>
}

function problemsOf(env: NodeJS.ProcessEnv): readonly Problem[] {
  try {
    actionInputs(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('an input that leaves a word out is near the one that has it', () => {
  const [problem] = problemsOf({ [inputVariable('ssh-key' as InputName)]: 'x' })
  expect(problem).toMatchObject({ message: 'there is no input "ssh-key"', nearest: 'ssh-private-key' })
})

test('action.yml declares exactly the inputs the program knows, with the same defaults', () => {
  const fromFile = Object.entries(declared.inputs).map(([name, input]) => [
    name,
    name === 'github-token' ? '' : (input.default ?? ''),
  ])
  expect(Object.fromEntries(fromFile)).toEqual(INPUT_DEFAULTS)
  expect(declared.inputs['github-token']?.default).toBe('${{ github.token }}')
})

test('action.yml runs on Node 24 with a post step that always runs', () => {
  expect(declared.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/post.js', 'post-if': 'always()' })
})

test('an empty input means its default', () => {
  const empty = Object.fromEntries(
    (Object.keys(INPUT_DEFAULTS) as InputName[]).map((name) => [inputVariable(name), '']),
  )
  expect(actionInputs(empty)).toEqual(actionInputs({}))
  expect(actionInputs({})).toEqual({
    config: 'maintenance.yml',
    mode: 'auto',
    sshPrivateKey: null,
    sshKeyPassphrase: null,
    knownHosts: null,
    sudoPassword: null,
    secrets: [],
    sshConfig: null,
    hosts: null,
    ignoreWindow: false,
    reportDir: 'pitstop-report',
    githubToken: null,
  })
})

test('every input reaches its field', () => {
  const key = '-----BEGIN KEY-----\nabc\n-----END KEY-----\n'
  expect(
    actionInputs({
      INPUT_CONFIG: ' ops/maintenance.yml ',
      INPUT_MODE: 'plan',
      'INPUT_SSH-PRIVATE-KEY': key,
      'INPUT_SSH-KEY-PASSPHRASE': ' spaces count ',
      'INPUT_KNOWN-HOSTS': 'web-1 ssh-ed25519 AAAA\n',
      'INPUT_SUDO-PASSWORD': ' too ',
      INPUT_SECRETS: 'RESTIC_PASSWORD\n\n  APP_KEY  \nAPP_KEY\n',
      'INPUT_SSH-CONFIG': 'ops/ssh_config',
      INPUT_HOSTS: 'web-1,group:db',
      'INPUT_IGNORE-WINDOW': 'true',
      'INPUT_REPORT-DIR': 'out',
      'INPUT_GITHUB-TOKEN': 'ghs_1234567890',
    }),
  ).toEqual({
    config: 'ops/maintenance.yml',
    mode: 'plan',
    sshPrivateKey: key,
    sshKeyPassphrase: ' spaces count ',
    knownHosts: 'web-1 ssh-ed25519 AAAA\n',
    sudoPassword: ' too ',
    secrets: ['RESTIC_PASSWORD', 'APP_KEY'],
    sshConfig: 'ops/ssh_config',
    hosts: 'web-1,group:db',
    ignoreWindow: true,
    reportDir: 'out',
    githubToken: 'ghs_1234567890',
  })
})

test('H1: an undeclared input is refused with the nearest name', () => {
  expect(problemsOf({ INPUT_MOD: 'plan', INPUT_DRY_RUN: 'true', INPUT_SSH_PRIVATE_KEY: 'x' })).toEqual([
    { message: 'there is no input "mod"', nearest: 'mode' },
    { message: 'there is no input "dry_run"' },
    { message: 'there is no input "ssh_private_key"', nearest: 'ssh-private-key' },
  ])
})

test.each(['True', 'yes', '1', 'TRUE', 'on'])('H1: the boolean "%s" is refused', (value) => {
  expect(problemsOf({ 'INPUT_IGNORE-WINDOW': value })).toEqual([
    { path: 'ignore-window', message: `expected true or false, got "${value}"` },
  ])
})

test.each(['plan', 'shard', 'reports'])('the input %s is refused as not available', (name) => {
  expect(problemsOf({ [`INPUT_${name.toUpperCase()}`]: '1/2' })).toEqual([
    { path: name, message: 'this input is not available in this version' },
  ])
})

test.each(['announce', 'finish'])('the mode %s is refused as not available', (mode) => {
  expect(problemsOf({ INPUT_MODE: mode })).toEqual([
    { path: 'mode', message: `mode "${mode}" is not available in this version` },
  ])
})

test('an unknown mode is refused with the nearest one', () => {
  expect(problemsOf({ INPUT_MODE: 'verifiy' })).toEqual([
    { path: 'mode', message: 'expected one of auto, run, plan, verify, recover, got "verifiy"', nearest: 'verify' },
  ])
})

test.each([
  'INPUT_SSH-PRIVATE-KEY',
  'GITHUB_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'RUNNER_TEMP',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'SSH_AUTH_SOCK',
  'lower',
  '${{ x }}',
])('H2: %s cannot be listed as a secret', (name) => {
  expect(problemsOf({ INPUT_SECRETS: `GOOD_NAME\n${name}` })).toMatchObject([{ path: 'secrets' }])
})

test('all problems are told at once', () => {
  expect(
    problemsOf({ INPUT_X: '1', INPUT_MODE: 'x', INPUT_SHARD: '1/2', INPUT_SECRETS: 'x', 'INPUT_IGNORE-WINDOW': 'x' }),
  ).toHaveLength(5)
})
