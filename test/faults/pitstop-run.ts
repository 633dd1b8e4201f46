import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Report, reportSchema } from '../../src/report/report-schema'
import type { Lab } from '../lab/lab'
import { type JournalFile, readJournal } from './journal-file'

export interface RunWant {
  /** Folder with cli.js, built from the sources. */
  readonly bundle: string
  readonly workspace: string
  readonly lab: Lab
  readonly mode: 'run' | 'recover'
  readonly reportDir: string
  /** Left out: all hosts of the file. */
  readonly hosts?: string
  readonly timeoutMs: number
}

/** A run that is over, as it lies on the disk. */
export interface RunEnd {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  readonly isOvertime: boolean
  readonly journal: JournalFile
  /** null: it left none, or none that its own schema knows. */
  readonly report: Report | null
}

/** The real bundle as a process of its own. */
export class PitstopRun {
  readonly journalPath: string
  readonly ended: Promise<RunEnd>
  readonly #child: ChildProcess
  readonly #over = new AbortController()

  constructor(want: RunWant) {
    const folder = join(want.workspace, want.reportDir)
    this.journalPath = join(folder, 'journal.jsonl')
    const flags = ['--identity', want.lab.privateKeyFile, '--known-hosts-file', want.lab.knownHostsFile]
    const which = want.hosts === undefined ? [] : ['--hosts', want.hosts]
    const words = [want.mode, '--report-dir', want.reportDir, ...which, ...flags]
    const log = openSync(join(want.workspace, `${want.reportDir}.log`), 'a')
    this.#child = spawn(process.execPath, [join(want.bundle, 'cli.js'), ...words], {
      cwd: want.workspace,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8' },
    })
    this.ended = this.#end(folder, want.timeoutMs)
  }

  /** Aborted once the process is gone. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** As a machine that is taken away: no signal can be handled, no report is written. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #end(folder: string, timeoutMs: number): Promise<RunEnd> {
    let isOvertime = false
    const timer = setTimeout(() => {
      isOvertime = true
      this.kill()
    }, timeoutMs)
    // No run outlives the harness: it would work on in a folder that is given away.
    const killed = () => this.kill()
    process.once('exit', killed)
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', resolve)
    })
    clearTimeout(timer)
    process.off('exit', killed)
    this.#over.abort()
    return { exitCode, isOvertime, journal: readJournal(this.journalPath), report: readReport(folder) }
  }
}

function readReport(folder: string): Report | null {
  const path = join(folder, 'report.json')
  if (!existsSync(path)) return null
  const parsed = reportSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  return parsed.success ? parsed.data : null
}
