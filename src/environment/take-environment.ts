import { overwriteInitialValues } from './initial-environment'

/**
 * What stays in the environment of this process: what Node, the system and the libraries of the runner read there, none of
 * it secret. The proxy of the machine stays for our own requests; its password is overwritten like a secret.
 */
const STAYS =
  /^(?:PATH|HOME|LANG|LANGUAGE|LC_[A-Z]+|TMPDIR|TZ|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|RUNNER_[A-Z_]+|STATE_.+|GITHUB_(?!TOKEN$).+|ACTIONS_ORCHESTRATION_ID)$/
const PROXY = /^(?:https_proxy|no_proxy)$/i

/**
 * The environment as it was at the start, for this process alone: inputs, tokens, passwords and listed secrets are in the
 * copy that is returned, and no longer in `process.env`, nor where the system shows it to others (H3).
 */
export function takeEnvironment(): NodeJS.ProcessEnv {
  const taken: NodeJS.ProcessEnv = Object.assign(Object.create(null), process.env)
  const gone = Object.keys(taken).filter((name) => !STAYS.test(name))
  for (const name of gone) delete process.env[name]
  // Set anew they stand elsewhere in memory, where the system shows them to nobody.
  for (const name of gone) if (PROXY.test(name)) process.env[name] = taken[name]
  overwriteInitialValues(new Set(gone))
  return taken
}
