import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Event, EventBody } from '../../../src/journal/event'
import { StepLogs } from '../../../src/journal/step-logs'

let base: string
let report: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'step-logs-'))
  report = join(base, 'report')
  mkdirSync(report)
})
afterEach(() => rmSync(base, { recursive: true }))

const event = (body: EventBody, host: string): Event => ({ v: 1, seq: 1, at: '', run: 'r', host, ...body })

function logOf(host: string, step: string): string | null {
  const logs = new StepLogs(report)
  const stage = 'update'
  logs.take(event({ type: 'step.output', stage, step, text: 'hello\n' }, host))
  const ended = { title: '', outcome: 'done', exitCode: 0, durationMs: 1, log: '' } as const
  logs.take(event({ type: 'step.ended', stage, step, ...ended }, host))
  return logs.pathOf(host, stage, step)
}

const everything = () => readdirSync(base, { recursive: true, encoding: 'utf8' }).sort()

describe('the log of a step', () => {
  it('lies in the folder of its host', () => {
    expect(logOf('web-1', 'apt.upgrade')).toBe('logs/web-1/update-apt.upgrade.log')
    expect(readFileSync(join(report, 'logs/web-1/update-apt.upgrade.log'), 'utf8')).toBe('hello\n')
  })

  it.each([
    'x/../../../y',
    '../y',
    'a/b',
    '/etc/passwd',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(300),
    'a b',
    '\u202ea',
  ])('H16: is refused where the name of the step is %j, and makes no file', (step) => {
    expect(() => logOf('web-1', step)).toThrow('is no name of a log file')
    expect(everything()).toEqual(['report'])
  })

  it.each(['..', '.', '../x', 'a/b', '', '.hidden'])('H16: is refused where the name of the host is %j', (host) => {
    expect(() => logOf(host, 'a')).toThrow('is no name of a log file')
    expect(everything()).toEqual(['report'])
  })

  it('H16: goes through no link, neither in place of a folder nor of the file', () => {
    const elsewhere = join(base, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(report, 'logs'))
    expect(() => logOf('web-1', 'a')).toThrow('is no folder')
    rmSync(join(report, 'logs'))
    mkdirSync(join(report, 'logs'))
    symlinkSync(elsewhere, join(report, 'logs/web-1'))
    expect(() => logOf('web-1', 'a')).toThrow('is no folder')
    rmSync(join(report, 'logs/web-1'))
    mkdirSync(join(report, 'logs/web-1'))
    writeFileSync(join(elsewhere, 'theirs'), 'theirs')
    symlinkSync(join(elsewhere, 'theirs'), join(report, 'logs/web-1/update-a.log'))
    logOf('web-1', 'a')
    expect(readFileSync(join(elsewhere, 'theirs'), 'utf8')).toBe('theirs')
    expect(readdirSync(elsewhere)).toEqual(['theirs'])
    expect(readFileSync(join(report, 'logs/web-1/update-a.log'), 'utf8')).toBe('hello\n')
  })

  it('replaces that of an earlier try, also one that cannot be written to', () => {
    logOf('web-1', 'a')
    chmodSync(join(report, 'logs/web-1/update-a.log'), 0o400)
    logOf('web-1', 'a')
    expect(readFileSync(join(report, 'logs/web-1/update-a.log'), 'utf8')).toBe('hello\n')
  })
})
