import { ReportDir } from '../report/report-dir'
import type { Report } from '../report/report-schema'
import { INPUT_DEFAULTS, inputVariable } from './inputs'
import { actionRunId, runUrl } from './run-id'

/**
 * The report of a run that its inputs refused: no file was read, so there are no hosts. Returns its path, or null where the
 * folder itself is what was refused.
 */
export function reportRefusedInputs(env: NodeJS.ProcessEnv, now: Date): { report: Report; path: string | null } {
  const given = (name: 'config' | 'hosts' | 'report-dir') => env[inputVariable(name)]?.trim() || INPUT_DEFAULTS[name]
  const at = now.toISOString()
  const report: Report = {
    version: 1,
    run: {
      id: actionRunId({ env, shard: null, choice: [given('config'), given('hosts')] }),
      verdict: 'refused',
      reason: 'file',
      mode: null,
      configHash: null,
      planHash: null,
      startedAt: at,
      endedAt: at,
      url: runUrl(env),
      actor: env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR ?? null,
      overrides: [],
    },
    hosts: [],
  }
  return { report, path: written(report, given('report-dir'), env) }
}

function written(report: Report, folder: string, env: NodeJS.ProcessEnv): string | null {
  try {
    return ReportDir.open(folder, env.GITHUB_WORKSPACE ?? process.cwd()).writeReport(report)
  } catch {
    // What is wrong with the folder is among the problems that are told, or nothing can be written at all.
    return null
  }
}
