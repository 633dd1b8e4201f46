import type { StepResult } from '../plan/step'
import type { ChosenUpgrade, KeptPackage } from './package-manager'

/** Folder of the package files of this run: new ones in it, the installed versions of before below `installed`. */
export function packageFolder(runDir: string): string {
  return `${runDir}/packages`
}

export function keptFolder(runDir: string): string {
  return `${packageFolder(runDir)}/installed`
}

/** Files of installed versions that `prepare` fetched and read through. Empty where the step failed or was cut. */
export function parseKept(result: StepResult | undefined): readonly KeptPackage[] {
  if (result?.outcome !== 'done' || result.truncated) return []
  return result.output.split('\n').flatMap((line) => {
    const [name, version, architecture, file] = line.split('\t')
    if (name === undefined || version === undefined || architecture === undefined) return []
    return file !== undefined && /^[A-Za-z0-9][A-Za-z0-9.+_~%-]*$/.test(file)
      ? [{ name, version, architecture, file }]
      : []
  })
}

/** The kept file that holds the version an upgrade replaces. */
export function keptFor(upgrade: ChosenUpgrade, kept: readonly KeptPackage[]): KeptPackage | undefined {
  const [name, architecture = upgrade.architecture] = upgrade.name.split(':')
  return kept.find(
    (k) =>
      k.name === name && k.version === upgrade.from && (k.architecture === architecture || k.architecture === 'all'),
  )
}
