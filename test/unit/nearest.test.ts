import { expect, test } from 'vitest'
import { nearest } from '../../src/nearest'

const inputs = ['config', 'mode', 'hosts', 'ignore-window', 'ssh-private-key']

test.each([
  ['mod', 'mode'],
  ['ssh_private_key', 'ssh-private-key'],
  ['Hosts', 'hosts'],
  ['hsots', 'hosts'],
  ['ignorewindow', 'ignore-window'],
])('%s is near %s', (word, expected) => expect(nearest(word, inputs)).toBe(expected))

test.each(['dry_run', 'x', 'password', ''])('nothing is near "%s"', (word) =>
  expect(nearest(word, inputs)).toBeUndefined(),
)

test('of two the nearer one is taken', () => expect(nearest('port', ['sort', 'ports', 'port'])).toBe('port'))
