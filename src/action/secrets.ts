import { ConfigError } from '../errors'
import type { Secret } from '../plan/step'
import { inputWord } from '../show/input-words'
import type { SecretValue } from '../show/redact'
import type { Inputs } from './inputs'

/** The values of the variables that the `secrets` input lists: read at the edge only, by name. */
export class Secrets {
  readonly #values: ReadonlyMap<string, string>

  constructor(names: readonly string[], env: NodeJS.ProcessEnv) {
    this.#values = new Map(names.map((name) => [name, env[name] ?? '']))
  }

  /** @throws ConfigError when the variable is not listed, or listed and empty (as in a pull request from a fork) */
  get(secret: Secret): string {
    const value = this.#values.get(secret.env)
    if (value === undefined) {
      const hint = `Name it in ${inputWord('secrets')}, and give its value in the environment (in a workflow the \`env:\` of the step).`
      throw new ConfigError([{ path: 'secrets', message: `${secret.env} is used and not listed` }], { hint })
    }
    if (value === '') {
      const hint = `Set it in the environment; in a workflow in the \`env:\` of the step: ${secret.env}: \${{ secrets.${secret.env} }}`
      throw new ConfigError(
        [{ path: 'secrets', message: `the environment variable ${secret.env} is empty or not set` }],
        { hint },
      )
    }
    return value
  }

  /** Why a variable cannot be had; null: it can. */
  whyNot(name: string): string | null {
    const value = this.#values.get(name)
    if (value === undefined) return `${name} is not listed in ${inputWord('secrets')}`
    return value === '' ? `the environment variable ${name} is empty or not set` : null
  }

  /** Everything that must never be shown: the listed variables that are set, and the inputs that carry secrets. */
  static toHide(secrets: Secrets, inputs: Inputs): readonly SecretValue[] {
    const fromInputs = [
      ['ssh-private-key', inputs.sshPrivateKey],
      ['ssh-key-passphrase', inputs.sshKeyPassphrase],
      ['sudo-password', inputs.sudoPassword],
      ['github-token', inputs.githubToken],
    ] as const
    return [...fromInputs, ...secrets.#values].flatMap(([name, value]) => (value ? [{ name, value }] : []))
  }
}

/** What the runner itself must mask: it does so in log and summary only, line by line. */
export function runnerMasks(secrets: readonly SecretValue[], shortest: number): readonly string[] {
  const lines = secrets.flatMap(({ value }) => value.split(/\r?\n/).map((line) => line.trim()))
  return [...new Set(lines.filter((line) => line.length >= shortest && !line.startsWith('-----')))]
}
