import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessOf } from '../access'
import type { Inputs } from '../action/inputs'
import { commandLineRunId } from '../action/run-id'
import { redactorOf } from '../carry-out'
import type { HostConfig, MaintenanceFile } from '../config/schema'
import { systemClock } from '../engine/clock'
import { Machines } from '../engine/io'
import { selectHosts } from '../fleet/selection'
import type { Redactor } from '../show/redact'
import { prepared, preparedFile } from './prepared'

export interface Look {
  readonly file: MaintenanceFile
  /** Random, of this command alone. */
  readonly runId: string
  readonly hosts: readonly HostConfig[]
  readonly machines: Machines
  readonly redactor: Redactor
  readonly signal: AbortSignal
}

/** Machines for a command that is no run: loaded file, chosen hosts, connections; everything is closed afterwards. */
export async function withMachines<T>(
  given: Inputs,
  env: NodeJS.ProcessEnv,
  readOnly: boolean,
  act: (look: Look) => Promise<T>,
): Promise<T> {
  const ready = await prepared(given, env)
  const { inputs } = ready
  const { secrets, redactor } = redactorOf(inputs, env)
  const file = preparedFile(ready)
  const signal = new AbortController().signal
  const runId = commandLineRunId(randomBytes(16).toString('hex'))
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-'))
  try {
    await using machines = new Machines({
      file,
      ...accessOf(inputs, env.SSH_AUTH_SOCK ?? null, systemClock),
      clock: systemClock,
      signal,
      run: { id: runId, url: 'command-line' },
      sudoPassword: inputs.sudoPassword,
      secret: (secret) => secrets.get(secret),
      reportDir: folder,
      readOnly,
      leases: !readOnly,
      adopt: false,
      waits: false,
      say: (sentence) => console.log(sentence),
    })
    return await act({ file, runId, hosts: selectHosts(file, inputs.hosts ?? ''), machines, redactor, signal })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
