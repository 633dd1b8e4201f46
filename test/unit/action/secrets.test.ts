import { expect, test } from 'vitest'
import { actionInputs } from '../../../src/action/inputs'
import { runnerMasks, Secrets } from '../../../src/action/secrets'

const secrets = new Secrets(['APP_KEY', 'EMPTY', 'MISSING'], {
  APP_KEY: 'value-of-it',
  EMPTY: '',
  OTHER: 'other-value',
})

test('a listed variable is read', () => expect(secrets.get({ env: 'APP_KEY' })).toBe('value-of-it'))

test('H2: a variable that is not listed is not read', () => {
  expect(() => secrets.get({ env: 'OTHER' })).toThrow('OTHER is used and not listed')
})

test.each(['EMPTY', 'MISSING'])('a listed variable without a value is an error: %s', (env) => {
  expect(() => secrets.get({ env })).toThrow(`the environment variable ${env} is empty or not set`)
})

test('every input that carries a secret is hidden, and every listed variable', () => {
  const inputs = actionInputs({
    'INPUT_SSH-PRIVATE-KEY': 'the key',
    'INPUT_SSH-KEY-PASSPHRASE': 'the passphrase',
    'INPUT_SUDO-PASSWORD': 'the password',
    'INPUT_GITHUB-TOKEN': 'the token',
  })
  expect(Secrets.toHide(secrets, inputs).map((s) => s.name)).toEqual([
    'ssh-private-key',
    'ssh-key-passphrase',
    'sudo-password',
    'github-token',
    'APP_KEY',
  ])
})

test('the runner masks each line of a key, not its frame and no short line', () => {
  expect(runnerMasks([{ name: 'k', value: '-----BEGIN X-----\r\nAAAAAAAA\nBB\n-----END X-----\n' }], 6)).toEqual([
    'AAAAAAAA',
  ])
})
