import type { Observation, StageInput } from '../stages/stage'
import { askedConfigurationFact, leftConfiguration, leftConfigurationBefore, packageManagerOf } from './facts'
import { enumerate } from './judge-transaction'
import { packageFolder } from './kept-packages'
import type { LeftFile } from './package-manager'

const REPLACED = /\.(dpkg|ucf)-old$/

/**
 * What the update left beside configuration files; undefined: unknown. Where dpkg and ucf were told to keep, an old file is
 * the work of a package's own script, as ca-certificates makes one of a file that it generates: nobody's change was replaced.
 */
function leftByUpdate(x: StageInput): readonly LeftFile[] | undefined {
  const before = x.facts.get(leftConfigurationBefore)
  const after = x.facts.get(leftConfiguration)
  if (!before.ok || !after.ok) return undefined
  const there = new Map(before.value.map((left) => [left.file, left.changed]))
  const mayReplace = x.host.stages.update.config_files === 'replace'
  return after.value.filter(({ file, changed }) => {
    if (REPLACED.test(file) && !mayReplace) return false
    const earlier = there.get(file)
    return earlier === undefined || (earlier !== null && earlier !== changed)
  })
}

/** Each configuration file that was kept, and each that was replaced. */
export function configurationFindings(x: StageInput): readonly Observation[] {
  const left = leftByUpdate(x)
  if (left === undefined)
    return [
      {
        kind: 'finding',
        what: 'Whether the update kept or replaced changed configuration files is unknown',
        severity: 'warn',
        advice: 'Look for *.dpkg-dist, *.dpkg-old, *.ucf-dist and *.ucf-old below /etc',
      },
    ]
  return left.map(({ file }) => (REPLACED.test(file) ? replaced(file) : kept(file)))
}

function kept(file: string): Observation {
  return {
    kind: 'finding',
    what: `A changed configuration file was kept; the new one of the package is ${file}`,
    severity: 'warn',
    advice: 'Compare the two, merge what is needed, and remove the new one',
  }
}

function replaced(file: string): Observation {
  return {
    kind: 'finding',
    what: `The configuration file ${file.replace(REPLACED, '')} was replaced by the one of the package; the earlier one is ${file}`,
    severity: 'warn',
    advice: 'Compare the two, merge what is needed, and remove the earlier one',
  }
}

/** Known once the packages are downloaded, and asked only where the file says `hold`. */
export function askedFacts(x: StageInput) {
  const manager = packageManagerOf(x.facts)
  const { outcome } = x.results.get('prepare/packages.download') ?? {}
  if (x.host.stages.update.config_files !== 'hold' || outcome !== 'done' || !manager.ok || manager.value === null)
    return []
  return [askedConfigurationFact(manager.value, packageFolder(x.runDir))]
}

/** Why the update is held back while nothing is disturbed; undefined: it may go on. */
export function heldForConfiguration(x: StageInput): string | undefined {
  const [fact] = askedFacts(x)
  if (fact === undefined) return undefined
  const asked = x.facts.get(fact)
  if (!asked.ok) return `Which configuration files the update would ask about is unknown: ${asked.why}`
  if (asked.value.length === 0) return undefined
  return `The update brings new versions of configuration files that were changed on this host: ${enumerate(asked.value)}; update these packages by hand, or write "config_files: keep" or "replace"`
}

/** What only showed in the update itself, as files of ucf do; undefined: nothing. */
export function failedForConfiguration(x: StageInput): string | undefined {
  if (x.host.stages.update.config_files !== 'hold') return undefined
  const left = leftByUpdate(x)
  if (left === undefined) return 'Whether the update kept changed configuration files is unknown'
  if (left.length === 0) return undefined
  return `The update asked about configuration files, and "config_files: hold" lets nothing be decided: compare ${enumerate(left.map((l) => l.file))} with the files in place, and merge them by hand`
}

/** The configuration files that a rollback brings back, from where the update put them; undefined: unknown. */
export function replacedByUpdate(x: StageInput): readonly { readonly from: string; readonly to: string }[] | undefined {
  const left = leftByUpdate(x)
  if (left === undefined) return x.host.stages.update.config_files === 'replace' ? undefined : []
  return left
    .filter(({ file }) => REPLACED.test(file))
    .map(({ file }) => ({ from: file, to: file.replace(REPLACED, '') }))
}
