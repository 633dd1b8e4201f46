import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors'
import { ReportDir } from '../../../src/report/report-dir'

let workspace: string
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'report-dir-'))
})
afterEach(() => rmSync(workspace, { recursive: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777

test('the folder is made for its owner only', () => {
  const dir = ReportDir.open('a/b', workspace)
  expect(modeOf(dir.path)).toBe(0o700)
  const path = dir.write('report.json', '{}')
  expect(modeOf(path)).toBe(0o600)
  expect(readFileSync(join(workspace, 'a/b/report.json'), 'utf8')).toBe('{}')
})

test('what an earlier run told of itself is gone when the next one begins; the status site stays', () => {
  const dir = ReportDir.open('out', workspace)
  const left = ['journal.jsonl', 'journal-post.jsonl', 'report.json', 'report-post.json', 'plan.json', 'summary.md']
  for (const name of left) dir.write(name, 'old')
  for (const folder of ['logs/web-1', 'site']) mkdirSync(dir.pathOf(folder), { recursive: true })
  writeFileSync(dir.pathOf('logs/web-1/update-apt.log'), 'old')
  writeFileSync(dir.pathOf('site/index.html'), 'old')
  dir.forgetEarlierRun()
  expect(readdirSync(dir.path).sort()).toEqual(['.pitstop-report', 'site'])
  expect(readFileSync(dir.pathOf('site/index.html'), 'utf8')).toBe('old')
})

test('H16: a link where the logs were is taken away, and not what it leads to', () => {
  const dir = ReportDir.open('out', workspace)
  mkdirSync(join(workspace, 'mine'))
  writeFileSync(join(workspace, 'mine/file'), 'x')
  symlinkSync(join(workspace, 'mine'), dir.pathOf('logs'))
  dir.forgetEarlierRun()
  expect(existsSync(dir.pathOf('logs'))).toBe(false)
  expect(readFileSync(join(workspace, 'mine/file'), 'utf8')).toBe('x')
})

test('a folder of an earlier run is taken again, and closed to others', () => {
  const dir = ReportDir.open('out', workspace)
  dir.write('report.json', 'old')
  chmodSync(dir.path, 0o755)
  ReportDir.open('out', workspace).write('report.json', 'new')
  expect(modeOf(dir.path)).toBe(0o700)
  expect(readFileSync(dir.pathOf('report.json'), 'utf8')).toBe('new')
})

test('an empty folder and an absolute path are taken', () => {
  mkdirSync(join(workspace, 'empty'))
  expect(ReportDir.open(join(workspace, 'empty'), workspace).path).toContain('empty')
})

test('H16: a folder that holds files of others is refused and left as it is', () => {
  mkdirSync(join(workspace, 'src'))
  writeFileSync(join(workspace, 'src/index.ts'), 'x')
  expect(() => ReportDir.open('src', workspace)).toThrow('report-dir: "src" holds files that Pitstop did not make')
  expect(existsSync(join(workspace, 'src/.pitstop-report'))).toBe(false)
})

test('H16: no symbolic link is followed on the way', () => {
  const outside = mkdtempSync(join(tmpdir(), 'outside-'))
  symlinkSync(outside, join(workspace, 'link'))
  for (const given of ['link', 'link/deeper', join(workspace, 'link'), join(workspace, 'link/deeper')]) {
    expect(() => ReportDir.open(given, workspace), given).toThrow(ConfigError)
  }
  expect(existsSync(join(outside, 'deeper'))).toBe(false)
  expect(existsSync(join(outside, '.pitstop-report'))).toBe(false)
  rmSync(outside, { recursive: true })
})

test.each(['../out', 'a/../../out', '.', 'file'])('H16: "%s" is refused', (given) => {
  writeFileSync(join(workspace, 'file'), '')
  expect(() => ReportDir.open(given, workspace)).toThrow(ConfigError)
})

test('H16: a file that is a symbolic link is replaced, not followed', () => {
  const dir = ReportDir.open('out', workspace)
  writeFileSync(join(workspace, 'precious'), 'precious')
  symlinkSync(join(workspace, 'precious'), dir.pathOf('report.json'))
  symlinkSync(join(workspace, 'precious'), dir.pathOf('report.json.new'))
  dir.write('report.json', '{}')
  expect(readFileSync(join(workspace, 'precious'), 'utf8')).toBe('precious')
  expect(readFileSync(dir.pathOf('report.json'), 'utf8')).toBe('{}')
})

test('a name with a path is no file of the folder', () => {
  expect(() => ReportDir.open('out', workspace).write('../x', '')).toThrow('not a name')
})
