import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DemoOptions, runDemo } from '../../../src/demo/demo'
import { DEMO_HOSTS } from '../../../src/demo/hosts'
import type { Report } from '../../../src/report/report-schema'

/** A machine on which other tests run as well; alone it takes a tenth of this. */
const SLOW_MS = 150_000

let reportDir: string
beforeEach(() => {
  reportDir = join(mkdtempSync(join(tmpdir(), 'demo-test-')), 'report')
})
afterEach(() => rmSync(join(reportDir, '..'), { recursive: true, force: true }))

interface Shown {
  readonly code: number
  readonly lines: readonly string[]
  readonly report: Report
  /** The throw-away folder. */
  readonly folder: string
}

async function demo(options: Partial<DemoOptions> = {}, cancelAt?: RegExp): Promise<Shown> {
  const lines: string[] = []
  const cancel = new AbortController()
  const say = (line: string) => {
    lines.push(line)
    if (cancelAt?.test(line)) cancel.abort(new Error('cancelled by the test'))
  }
  const code = await runDemo({ breaking: null, keep: false, reportDir, ...options }, {}, cancel.signal, say)
  const folder = /^(?:Removed|Kept): +(\S+)/m.exec(lines.join('\n'))?.[1]
  if (folder === undefined) throw new Error('the demo did not say what became of its folder')
  return { code, lines, folder, report: JSON.parse(readFileSync(join(reportDir, 'report.json'), 'utf8')) as Report }
}

const verdicts = ({ report }: Shown) => Object.fromEntries(report.hosts.map((host) => [host.name, host.verdict]))
const visitors = ({ lines }: Shown) => lines.find((line) => line.startsWith('Visitors: ')) ?? ''

/** Processes whose HOME is a host of this demo. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`HOME=${folder}/`)
    } catch {
      return false
    }
  })
}

describe('demo', () => {
  it(
    'brings all hosts to their new version, seven stages each, and no visitor meets an error',
    async () => {
      const shown = await demo()
      expect(shown.code, shown.lines.join('\n')).toBe(0)
      expect(verdicts(shown)).toEqual({ 'web-1': 'live', 'web-2': 'live', 'web-3': 'live' })
      for (const host of shown.report.hosts) {
        expect(host.stages.map((stage) => stage.name)).toHaveLength(7)
        expect(host.stages.filter((stage) => stage.outcome === 'failed' || stage.outcome === 'skipped')).toEqual([])
        expect(host.isolation).toBe('isolated')
        expect(host.backups).toMatchObject([{ provedAt: expect.any(String) }])
        expect(host.packages).toMatchObject([{ name: 'app', from: 'v1', to: 'v2' }])
        expect(host.downtimeMs).toBeGreaterThan(0)
      }
      // The story in the terminal: one line a stage, and where to look.
      expect(
        shown.lines.filter((line) => line.startsWith('  ✓ ')).map((line) => line.trim().split(/[ :]+/)[1]),
      ).toEqual(
        DEMO_HOSTS.flatMap(() => ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive', 'live']),
      )
      for (const label of ['Summary', 'Status page', 'Report'])
        expect(existsSync(new RegExp(`^${label}: +(\\S+)`, 'm').exec(shown.lines.join('\n'))?.[1] ?? '')).toBe(true)
      expect(visitors(shown)).toMatch(/Visitors: [1-9]\d* requests .*, 0 failed\. .* web-1 v2, web-2 v2, web-3 v2\./)
      expect(existsSync(shown.folder)).toBe(false)
      expect(processesOf(shown.folder)).toEqual([])
      expect(readdirSync(reportDir)).toEqual(
        expect.arrayContaining([
          'summary.md',
          'summary.html',
          'report.json',
          'logs',
          'log.txt',
          'maintenance.yml',
          'site',
        ]),
      )
    },
    SLOW_MS,
  )

  it(
    'holds a host whose new version does not work: exit 1, and no visitor ever meets it',
    async () => {
      const shown = await demo({ breaking: 'web-2', keep: true })
      try {
        expect(shown.code, shown.lines.join('\n')).toBe(1)
        expect(verdicts(shown)).toEqual({ 'web-1': 'live', 'web-2': 'held', 'web-3': 'untouched' })
        expect(shown.report.hosts[1]?.checks).toContainEqual(
          expect.objectContaining({ kind: 'http', outcome: 'fail', when: 'verify' }),
        )
        expect(visitors(shown)).toMatch(/, 0 failed\. .* web-1 v2, web-2 v1, web-3 v1\./)
        // --keep: the folder stays for a look, its processes do not.
        expect(existsSync(join(shown.folder, 'lb-1/out/web-2'))).toBe(true)
        expect(readFileSync(join(shown.folder, 'web-2/state/state'), 'utf8')).toMatch(/^phase=held$/m)
        expect(processesOf(shown.folder)).toEqual([])
      } finally {
        rmSync(shown.folder, { recursive: true, force: true })
      }
    },
    SLOW_MS,
  )

  it(
    'leaves nothing behind when it is cancelled once a host was changed',
    async () => {
      const shown = await demo({}, /^ {2}✓ clean /)
      expect(shown.code, shown.lines.join('\n')).toBe(1)
      expect(verdicts(shown)).toEqual({ 'web-1': 'held', 'web-2': 'untouched', 'web-3': 'untouched' })
      expect(existsSync(shown.folder)).toBe(false)
      expect(processesOf(shown.folder)).toEqual([])
    },
    SLOW_MS,
  )
})
