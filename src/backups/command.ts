import { commandEnv, commandSh, type ShellName } from '../config/command'
import type { HostConfig } from '../config/schema'
import type { ShStep } from '../plan/step'
import type { StageInput } from '../stages/stage'
import type { Backup } from './backup'

export interface CommandConfig {
  readonly name?: string | undefined
  readonly run: string
  readonly prove?: string | undefined
  readonly timeout: number
  readonly env: Readonly<Record<string, string>>
  readonly shell?: ShellName | undefined
}

/** A backup by a command of the maintenance file, proved by another one. */
export function commandBackup(config: CommandConfig, number: number, host: HostConfig): Backup {
  const name = config.name ?? String(number)
  const id = `backup.command.${name.replaceAll('_', '-')}`
  const step = (x: StageInput, suffix: string, title: string, command: string): ShStep => ({
    do: 'sh',
    id: `${id}${suffix}`,
    title,
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: config.timeout,
    output: 'text',
    ...commandSh(command, host, undefined, config.shell),
    ...commandEnv(host, 'prepare', x.run.id, config.env),
  })
  return {
    id: `command:${name}`,
    facts: [],
    need: () => undefined,
    steps: (x) => [
      step(x, '', `Back up by ${config.run}`, config.run),
      ...(config.prove === undefined ? [] : [step(x, '.prove', `Prove the backup by ${config.prove}`, config.prove)]),
    ],
    warnings: () =>
      config.prove === undefined
        ? [
            {
              kind: 'finding',
              what: `Nothing proves the backup made by ${config.run}`,
              severity: 'warn',
              advice: 'Give it a "prove" command that restores a part of it and looks at what came back',
            },
          ]
        : [],
    made: (x) => {
      const run = x.results.get(`prepare/${id}`)
      if (run?.outcome !== 'done') return []
      const proved = x.results.get(`prepare/${id}.prove`)?.outcome === 'done'
      return [
        { kind: 'backup', id: `command:${name}`, proved, restoreWith: `the restore that belongs to ${config.run}` },
      ]
    },
  }
}
