import { expect } from 'vitest'
import { chooseMode } from '../../../src/action/mode'
import type { UnitAttack } from './unit-attack'

/** Events that somebody without rights in the repository can cause, or that a new version of GitHub may bring. */
const EVENTS: readonly string[] = [
  ...[
    'issues',
    'issue_comment',
    'fork',
    'watch',
    'star',
    'discussion',
    'discussion_comment',
    'gollum',
    'public',
    'member',
  ],
  ...[
    'pull_request',
    'pull_request_target',
    'pull_request_review',
    'pull_request_review_comment',
    'merge_group',
    'push',
  ],
  ...[
    'workflow_run',
    'check_run',
    'check_suite',
    'status',
    'release',
    'deployment_status',
    'page_build',
    'label',
    'create',
  ],
  ...['__proto__', 'constructor', 'toString', 'SCHEDULE', 'schedule ', ''],
]

export const eventAttacks: readonly UnitAttack[] = [
  ...EVENTS.map((event) => ({
    id: `event-${event.trim() === event && event !== '' ? event : JSON.stringify(event)}`,
    where: 'event' as const,
    does: `starts a run by the event ${JSON.stringify(event)}`,
    must: 'nothing is run, verified, recovered or announced',
    holds: () => {
      for (const asked of ['run', 'verify', 'recover', 'announce', 'finish'] as const)
        expect(chooseMode({ event, asked, ignoreWindow: false }).ok).toBe(false)
      const auto = chooseMode({ event, asked: 'auto', ignoreWindow: false })
      expect(auto.ok && auto.mode !== 'plan').toBe(false)
    },
  })),
  ...['schedule', 'repository_dispatch', 'push', 'pull_request'].map((event) => ({
    id: `event-window-${event}`,
    where: 'event' as const,
    does: `starts a run outside its window by the event ${event}`,
    must: 'the window stands',
    holds: () => expect(chooseMode({ event, asked: 'auto', ignoreWindow: true }).ok).toBe(false),
  })),
]
