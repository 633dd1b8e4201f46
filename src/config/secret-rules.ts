import { ConfigError, type Place, type Problem } from '../errors'
import { inputWord } from '../show/input-words'
import { secretName } from './command'
import type { MaintenanceFile } from './schema'
import { type TreeNode, walk } from './tree'
import { SECRET_NAME } from './values'

const REFERENCE = /\$\{env:[^}]*\}/

export interface SecretUse {
  readonly env: string
  readonly at: Place
}

/** Finds every `${env:NAME}`: alone in an `env:` map or in a field made for secrets it is a use, anywhere else an error (H2). */
export function findSecrets(tree: TreeNode): {
  readonly uses: readonly SecretUse[]
  readonly problems: readonly Problem[]
} {
  const uses: SecretUse[] = []
  const problems: Problem[] = []
  for (const [path, node] of walk(tree)) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || !REFERENCE.test(node.value) || node.at === null)
      continue
    const why =
      path.at(-2) === 'env' || isSecretField(path)
        ? badReference(node.value)
        : '${env:NAME} is read only in `env:` maps and fields made for secrets'
    if (why === undefined) uses.push({ env: secretName(node.value) ?? '', at: node.at })
    else problems.push({ ...node.at, message: why })
  }
  return { uses, problems }
}

/** The fields made for secrets are those of `announce.notify`. */
function isSecretField(path: readonly PropertyKey[]): boolean {
  const field =
    path.length === 5 && path[0] === 'announce' && path[1] === 'notify' ? `${String(path[3])}.${String(path[4])}` : ''
  return field === 'webhook.url' || field === 'webhook.secret' || field === 'slack.webhook'
}

function badReference(value: string): string | undefined {
  const name = secretName(value)
  if (name === null) return '${env:NAME} must stand alone'
  if (SECRET_NAME.test(name)) return undefined
  return 'the NAME in ${env:NAME} is A-Z 0-9 _, and none of the runner (INPUT_ GITHUB_ ACTIONS_ RUNNER_ STATE_ NODE_ LD_ SSH_)'
}

/**
 * A variable of the runner reaches a host only when both the file and the workflow name it (H2).
 * @throws ConfigError with every use that the `secrets` input does not list
 */
export function requireSecretsListed(file: MaintenanceFile, listed: readonly string[]): void {
  const missing = file.secretUses.filter((use) => !listed.includes(use.env))
  if (missing.length === 0) return
  const problems = missing.map((use) => ({ ...use.at, message: `${use.env} is not listed in ${inputWord('secrets')}` }))
  throw new ConfigError(problems, {
    hint: `List each name in ${inputWord('secrets')} (in a workflow one a line), and give its value in the environment.`,
  })
}

/** Secrets that commands of a group's stages use; those of other groups, and of notices, are no matter of its hosts. */
export function secretUsesOf(file: Pick<MaintenanceFile, 'secretUses'>, group: string): readonly SecretUse[] {
  return file.secretUses.filter(
    ({ at }) => at.path.startsWith('stages.') || at.path.startsWith(`groups.${group}.stages.`),
  )
}

/**
 * Told before the first host is asked for anything: found out later, a backup would have been made for nothing.
 * @param whyNot why a variable cannot be had; null: it can
 * @throws ConfigError with every use of one that is empty or not set
 */
export function requireSecretsSet(
  file: Pick<MaintenanceFile, 'secretUses'>,
  groups: Iterable<string>,
  whyNot: (name: string) => string | null,
): void {
  const uses = new Set([...groups].flatMap((group) => secretUsesOf(file, group)))
  const problems = [...uses].flatMap(({ env, at }) => {
    const message = whyNot(env)
    return message === null ? [] : [{ ...at, message }]
  })
  if (problems.length === 0) return
  throw new ConfigError(problems, {
    hint: 'Give each its value in the `env:` of the step, or in the environment of the command.',
  })
}
