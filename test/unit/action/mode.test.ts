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

/** Every event that can start a workflow, by GitHub's own list; the last three are names that no event has. */
const EVENTS = [
  ...['branch_protection_rule', 'check_run', 'check_suite', 'create', 'delete', 'deployment', 'deployment_status'],
  ...['discussion', 'discussion_comment', 'dynamic', 'fork', 'gollum', 'image_version', 'issue_comment', 'issues'],
  ...['label', 'member', 'merge_group', 'milestone', 'page_build', 'project', 'project_card', 'project_column'],
  ...['public', 'pull_request', 'pull_request_comment', 'pull_request_review', 'pull_request_review_comment'],
  ...['pull_request_target', 'push', 'registry_package', 'release', 'repository_dispatch', 'schedule', 'status'],
  ...['watch', 'workflow_call', 'workflow_dispatch', 'workflow_run'],
  ...['', 'constructor', '__proto__'],
]
const ALLOWED = ['schedule', 'workflow_dispatch', 'repository_dispatch']
const changing: Mode[] = ['run', 'verify', 'recover', 'announce', 'finish']

test.each(EVENTS.flatMap((event) => changing.map((mode) => [mode, event] as const)))(
  'mode %s under the event "%s" is allowed by the list, or refused by name',
  (mode, event) => {
    const expected = ALLOWED.includes(event)
      ? { ok: true, mode, contact: 'all' }
      : {
          ok: false,
          reason: 'event',
          sentence: `mode "${mode}" is refused under the event "${event}"`,
          hint: expect.stringContaining('schedule, workflow_dispatch, repository_dispatch'),
        }
    expect(choose(event, mode)).toEqual(expected)
  },
)

const CONTACTS: Readonly<Record<string, string>> = {
  ...{ schedule: 'all', workflow_dispatch: 'all', repository_dispatch: 'all', push: 'all' },
  ...{ pull_request: 'as-in-base', merge_group: 'as-in-base' },
}

test.each(EVENTS)('H4: a plan under "%s" logs in only where no stranger can have caused it', (event) => {
  const contact = Object.hasOwn(CONTACTS, event) ? CONTACTS[event] : 'none'
  expect(choose(event, 'plan')).toEqual({ ok: true, mode: 'plan', contact })
})

test.each(changing)('a workflow that is called has the event of its caller, by which mode %s is judged', (mode) => {
  expect(choose('issues', mode)).toMatchObject({ ok: false })
  expect(choose('schedule', mode)).toMatchObject({ ok: true })
  expect(choose('workflow_call', mode)).toMatchObject({ ok: false })
})

test.each([...changing, 'plan'] as const)('the command line may do all: %s', (mode) => {
  expect(choose(null, mode)).toEqual({ ok: true, mode, contact: 'all' })
})

test.each(['schedule', 'repository_dispatch', 'push', 'pull_request'])('ignore-window is refused under %s', (event) => {
  expect(choose(event, 'auto', true)).toMatchObject({ ok: false, reason: 'event' })
})

test('ignore-window is for workflow_dispatch and the command line', () => {
  expect(choose('workflow_dispatch', 'auto', true)).toMatchObject({ ok: true, mode: 'run' })
  expect(choose(null, 'run', true)).toMatchObject({ ok: true, mode: 'run' })
})
