import { commandEnv, commandSh } from '../config/command'
import type { StagesConfig } from '../config/stages'
import type { ShStep } from '../plan/step'
import type { PackageChange, StageInput } from '../stages/stage'

export type App = StagesConfig['update']['apps'][number]

/** Names may hold `_`, ids of steps may not. */
export function appStepId(app: App, suffix: '' | '.before' | '.after' | '.rollback' = ''): string {
  return `app.${app.name.replaceAll('_', '-')}${suffix}`
}

/** The version before, the deployment, the version after. */
export function appSteps(x: StageInput): readonly ShStep[] {
  return x.host.stages.update.apps.flatMap((app) => [
    ...versionStep(x, app, '.before'),
    appStep(x, app, '', `Update ${app.name}`, app.run),
    ...versionStep(x, app, '.after'),
  ])
}

export function appRollbackStep(x: StageInput, app: App, rollback: string): ShStep {
  return appStep(x, app, '.rollback', `Roll ${app.name} back`, rollback)
}

function appStep(x: StageInput, app: App, suffix: '' | '.rollback', title: string, command: string): ShStep {
  return {
    do: 'sh',
    id: appStepId(app, suffix),
    title,
    place: 'host',
    required: true,
    disruptive: true,
    changes: true,
    timeoutMs: app.timeout,
    output: 'text',
    ...commandSh(command, x.host, undefined, app.shell),
    ...commandEnv(x.host, 'update', x.run.id, app.env),
  }
}

function versionStep(x: StageInput, app: App, suffix: '.before' | '.after'): readonly ShStep[] {
  if (app.version === undefined) return []
  return [
    {
      ...appStep(x, app, '', `Version of ${app.name}`, app.version),
      id: appStepId(app, suffix),
      required: false,
      disruptive: false,
      output: { data: 4_096 },
      timeoutMs: Math.min(app.timeout, 120_000),
    },
  ]
}

/** Applications whose version changed, as they say themselves. */
export function appChanges(x: StageInput): readonly PackageChange[] {
  return x.host.stages.update.apps.flatMap((app) => {
    const from = readVersion(x, app, '.before')
    const to = readVersion(x, app, '.after')
    return to === null || from === to ? [] : [{ name: app.name, from, to, security: false }]
  })
}

function readVersion(x: StageInput, app: App, suffix: '.before' | '.after'): string | null {
  const result = x.results.get(`update/${appStepId(app, suffix)}`)
  if (result?.outcome !== 'done' || result.truncated) return null
  const first = result.output.trim().split('\n')[0]?.trim() ?? ''
  return first === '' ? null : first.slice(0, 200)
}
