import * as core from '@actions/core'
import type { LogSink } from '../report/log'

/** The log of the job: folded by host and stage where one host runs; all of it where the runner debugs (`RUNNER_DEBUG=1`). */
export function jobLog(): LogSink {
  return {
    line: (text) => core.info(text),
    groups: { start: (title) => core.startGroup(title), end: () => core.endGroup() },
    verbose: core.isDebug(),
  }
}
