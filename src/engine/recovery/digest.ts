import { createHash } from 'node:crypto'
import type { ShStep } from '../../plan/step'
import type { Act, TrafficDriver } from '../../traffic/driver'

/** 32 hex digits over what makes a part of the file what it is. It tells that a part changed, and nothing else. */
function digestOf(what: unknown): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32)
}

type Command = Pick<ShStep, 'run' | 'env' | 'secretEnv'> & { readonly script?: ShStep['script'] | undefined }

/** Which run it is that calls a command is no part of the command. */
const wordsOf = ({ run, script, env = {}, secretEnv = {} }: Command) => [
  run.text,
  script?.sha256 ?? null,
  Object.entries(env)
    .filter(([name]) => name !== 'PITSTOP_RUN')
    .sort(),
  Object.entries(secretEnv)
    .map(([name, secret]) => [name, secret.env])
    .sort(),
]

/** Of a hook or an application. */
export const commandDigest = (step: Command & Pick<ShStep, 'place'>): string => digestOf([step.place, wordsOf(step)])

export function driverDigest({ kind, place, drain, undrain, state }: TrafficDriver): string {
  const acts = [drain, undrain, state].map((act: Act | null) => act && wordsOf(act))
  return digestOf([kind, place, acts])
}
