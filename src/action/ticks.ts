import { parse } from 'yaml'
import { readConfinedFile } from '../config/confined-file'
import type { Tick } from '../config/ticks'
import { eventPayload } from './event-payload'

const MOST_BYTES = 1_048_576

/**
 * When the workflow starts by itself: what its file says as it is checked out, and the tick that started this run. A file
 * that cannot be read says nothing.
 */
export function ticksOf(env: NodeJS.ProcessEnv, workspace: string): readonly Tick[] {
  const written = ticksIn(workflowOf(env, workspace))
  const cron = env.GITHUB_EVENT_NAME === 'schedule' ? member(eventPayload(env), 'schedule') : undefined
  const known = typeof cron !== 'string' || written.some((tick) => tick.cron === cron)
  return known ? written : [...written, { cron, timezone: null }]
}

/** `acme/ops/.github/workflows/maintenance.yml@refs/heads/main` names the file; one of another repository is not here. */
function workflowOf(env: NodeJS.ProcessEnv, workspace: string): unknown {
  const [name = ''] = (env.GITHUB_WORKFLOW_REF ?? '').split('@')
  const own = `${env.GITHUB_REPOSITORY ?? ''}/`
  const path = name.startsWith(own) ? name.slice(own.length) : ''
  if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return null
  const read = readConfinedFile(workspace, path, MOST_BYTES)
  if (!read.ok) return null
  try {
    return parse(new TextDecoder().decode(read.bytes), { logLevel: 'silent' })
  } catch {
    return null
  }
}

function ticksIn(workflow: unknown): readonly Tick[] {
  const schedule = member(member(workflow, 'on'), 'schedule')
  if (!Array.isArray(schedule)) return []
  return schedule.flatMap((entry): Tick[] => {
    const [cron, timezone] = [member(entry, 'cron'), member(entry, 'timezone')]
    return typeof cron === 'string' ? [{ cron, timezone: typeof timezone === 'string' ? timezone : null }] : []
  })
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}
