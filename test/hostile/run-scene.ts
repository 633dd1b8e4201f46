import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Report } from '../../src/report/report-schema'
import { type Scene, WORDS } from './scene'

export interface Outcome {
  readonly code: number | null
  /** It had to be ended: it was not over in its time. */
  readonly isLate: boolean
  readonly isCancelled: boolean
  readonly report: Report | null
  readonly log: string
  readonly peakMb: number
  /** Longest stretch of processor time in which it heard nothing. */
  readonly busiestMs: number
  /** Files of the runner's that were not there before, outside the report folder. */
  readonly strays: readonly string[]
  readonly verdictOf: (host: string) => string | null
  readonly reasonOf: (host: string) => string
}

/** A run that is cancelled writes its report within 5 s (design 4.2); the rest is for a machine that is busy. */
const CANCELLED_MS = 15_000

const PROBE = join(import.meta.dirname, 'probe.cjs')

/** The command as a user starts it, against the scene, in a process of its own whose memory and deafness are measured. */
export async function runScene(
  scene: Scene,
  bundle: string,
  { mode = 'run', limitMs = 60_000, cancelOnce }: { mode?: string; limitMs?: number; cancelOnce?: () => boolean } = {},
): Promise<Outcome> {
  const before = new Set(filesBelow(scene.runner))
  const probeFile = join(scene.runner, 'probe.json')
  const hosts = mode === 'plan' ? [] : ['--hosts', 'web-1,web-2']
  const child = spawn(
    process.execPath,
    [
      ...['--require', PROBE, join(bundle, 'cli.js'), mode, ...hosts],
      ...['--identity', scene.keyFile, '--known-hosts-file', join(scene.runner, 'keys/known_hosts')],
      ...['--secrets', Object.keys(WORDS).join('\n')],
    ],
    { cwd: scene.workspace, env: envOf(scene, probeFile), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (log.length < 8_000_000) log += text
    })
  let isLate = false
  let isCancelled = false
  const watch = setInterval(() => {
    if (isCancelled || cancelOnce?.() !== true) return
    isCancelled = true
    child.kill('SIGTERM')
    timer = setTimeout(tooLate, CANCELLED_MS)
  }, 100)
  const tooLate = () => {
    isLate = true
    child.kill('SIGKILL')
  }
  let timer = setTimeout(tooLate, limitMs)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  clearInterval(watch)
  const reportFolder = join(scene.workspace, 'pitstop-report')
  const probe = readJson<{ peakMb: number; busiestMs: number }>(probeFile)
  const report = readJson<Report>(join(reportFolder, 'report.json'))
  const hostOf = (name: string) => report?.hosts.find((host) => host.name === name)
  return {
    code,
    isLate,
    isCancelled,
    report,
    log,
    peakMb: probe?.peakMb ?? Number.POSITIVE_INFINITY,
    busiestMs: probe?.busiestMs ?? Number.POSITIVE_INFINITY,
    strays: filesBelow(scene.runner)
      .filter((path) => !before.has(path) && path !== probeFile && !path.startsWith(`${reportFolder}/`))
      .map((path) => relative(scene.runner, path)),
    verdictOf: (name) => hostOf(name)?.verdict ?? null,
    reasonOf: (name) => hostOf(name)?.reason ?? '',
  }
}

const envOf = (scene: Scene, probeFile: string) => ({
  PATH: process.env.PATH,
  HOME: join(scene.runner, 'home'),
  PROBE_FILE: probeFile,
  ...WORDS,
})

function readJson<T>(path: string): T | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : null
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory())
}
