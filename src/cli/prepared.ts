import { basename, dirname, isAbsolute, resolve } from 'node:path'
import type { Inputs } from '../action/inputs'
import { loadMaintenanceFile } from '../config/load'
import type { MaintenanceFile } from '../config/schema'
import { ConfigError } from '../errors'
import { withoutControls } from '../show/for-log'
import { ownSsh } from './own-ssh/own-ssh'

/** Inputs with what the machine of whoever started the command adds to them. */
export interface Prepared {
  readonly inputs: Inputs
  /** What `config` is relative to. */
  readonly workspace: string
  readonly lay: (file: MaintenanceFile) => MaintenanceFile
}

/** Finds the file, and reads the user's own ssh settings for what was not given; says on standard error what was read. */
export async function prepared(given: Inputs, env: NodeJS.ProcessEnv): Promise<Prepared> {
  const { inputs, workspace } = atItsPlace(given)
  const own = await ownSsh(inputs, fileOrNull(inputs.config, workspace), env)
  for (const note of own.notes) console.error(withoutControls(note))
  return { inputs: own.inputs, workspace, lay: own.lay }
}

/** The file as a command that is no run reads it. @throws ConfigError */
export function preparedFile({ inputs, workspace, lay }: Prepared): MaintenanceFile {
  return lay(loadMaintenanceFile(inputs.config, { root: workspace }))
}

/** A file elsewhere is read from its own folder, which its scripts and inventory must not leave; the report stays here. */
function atItsPlace(inputs: Inputs): { inputs: Inputs; workspace: string } {
  const { config, reportDir } = inputs
  if (!isAbsolute(config) && !config.split('/').includes('..')) return { inputs, workspace: process.cwd() }
  const path = resolve(config)
  return { inputs: { ...inputs, config: basename(path), reportDir: resolve(reportDir) }, workspace: dirname(path) }
}

/** null: it cannot be read, and whoever reads it next says why. */
function fileOrNull(config: string, workspace: string): MaintenanceFile | null {
  try {
    return loadMaintenanceFile(config, { root: workspace })
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}
