import { expect, test } from 'vitest'
import { chooseMode } from '../../../src/action/mode'
import type { Mode } from '../../../src/journal/event'

const choose = (event: string | null, asked: Mode | 'auto' = 'auto', ignoreWindow = false) =>
  chooseMode({ event, asked, ignoreWindow })

test.each([
  ['schedule', 'run', 'all'],
  ['workflow_dispatch', 'run', 'all'],
  ['repository_dispatch', 'run', 'all'],
  ['pull_request', 'plan', 'as-in-base'],
  ['push', 'plan', 'all'],
  ['merge_group', 'plan', 'as-in-base'],
])('under %s auto is %s', (event, mode, contact) => expect(choose(event)).toEqual({ ok: true, mode, contact }))

test.each([
  'release',
  'issues',
  'issue_comment',
  'workflow_run',
  'pull_request_target',
  'constructor',
  '__proto__',
  '',
])('auto is refused under the event "%s" by name', (event) =>
  expect(choose(event)).toMatchObject({ ok: false, reason: 'event', sentence: expect.stringContaining(`"${event}"`) }),
)

test('auto without any event is refused', () => expect(choose(null)).toMatchObject({ ok: false, reason: 'event' }))

const unreviewed = [
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'merge_group',
  'issue_comment',
  'workflow_run',
]
const changing: Mode[] = ['run', 'verify', 'recover', 'announce', 'finish']

test.each(unreviewed.flatMap((event) => changing.map((mode) => [mode, event] as const)))(
  '%s is refused under %s',
  (mode, event) => {
    expect(choose(event, mode)).toMatchObject({
      ok: false,
      reason: 'event',
      sentence: `mode "${mode}" is refused under the event "${event}"`,
    })
  },
)

test.each(['pull_request_target', 'issue_comment', 'workflow_run'])('H4: a plan under %s contacts nobody', (event) => {
  expect(choose(event, 'plan')).toEqual({ ok: true, mode: 'plan', contact: 'none' })
})

test('a named mode is taken under any other event and on the command line', () => {
  expect(choose('release', 'verify')).toEqual({ ok: true, mode: 'verify', contact: 'all' })
  expect(choose(null, 'run')).toEqual({ ok: true, mode: 'run', contact: 'all' })
  expect(choose('push', 'run')).toEqual({ ok: true, mode: 'run', contact: 'all' })
})

test.each(['schedule', 'repository_dispatch', 'push', 'pull_request'])('ignore-window is refused under %s', (event) => {
  expect(choose(event, 'auto', true)).toMatchObject({ ok: false, reason: 'event' })
})

test('ignore-window is for workflow_dispatch and the command line', () => {
  expect(choose('workflow_dispatch', 'auto', true)).toMatchObject({ ok: true, mode: 'run' })
  expect(choose(null, 'run', true)).toMatchObject({ ok: true, mode: 'run' })
})
