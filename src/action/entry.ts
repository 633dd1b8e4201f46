import { setFailed } from '@actions/core'
import { takeEnvironment } from '../environment/take-environment'
import { outliveOutput } from '../show/outlive-output'
import { shownError } from '../show/shown-error'

/** Runs one entry: SIGINT and SIGTERM become an abort, and nothing that goes wrong ends green. */
export function enter(work: (env: NodeJS.ProcessEnv, signal: AbortSignal) => Promise<void>): void {
  outliveOutput(process)
  const cancel = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => cancel.abort(new Error(`cancelled by ${name}`)))
  process.on('unhandledRejection', (reason) =>
    setFailed(
      shownError(`an internal error: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`),
    ),
  )
  process.on('uncaughtException', (error) => {
    setFailed(shownError(`an internal error: ${error.stack ?? error.message}`))
    process.exit(1)
  })
  // Sockets that linger must not hold the job: all that matters is on the disk by now.
  void work(takeEnvironment(), cancel.signal).finally(() => setTimeout(() => process.exit(), 200).unref())
}
