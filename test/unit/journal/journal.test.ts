import { fsyncSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EventBody } from '../../../src/journal/event'
import { Journal } from '../../../src/journal/journal'
import { Redactor } from '../../../src/show/redact'

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  return { ...real, fsyncSync: vi.fn(real.fsyncSync), writeSync: vi.fn(real.writeSync) }
})

const ended: EventBody = {
  type: 'host.ended',
  verdict: 'untouched',
  reason: 'the window is shut',
  rule: null,
  lastMaintained: null,
  nextDue: null,
  overrun: false,
}
const runEnded: EventBody = { type: 'run.ended', verdict: 'refused', reason: 'too-early', sentence: 'shut' }

let folder: string
let journal: Journal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  const clock = { now: () => new Date('2026-11-22T02:00:00Z') }
  journal = new Journal({ path: join(folder, 'journal.jsonl'), run: 'r', clock, redactor: new Redactor([]) })
  vi.mocked(fsyncSync).mockClear()
})
afterEach(() => {
  journal.close()
  rmSync(folder, { recursive: true })
})

const lines = () => readFileSync(join(folder, 'journal.jsonl'), 'utf8').trim().split('\n')

it('hosts that nobody worked on are told without a wait for the disk each: thousands end in a moment', () => {
  for (let i = 0; i < 1_000; i++) journal.append(ended, `web-${i}`)
  journal.append(runEnded, null)
  expect(lines()).toHaveLength(1_001)
  expect(fsyncSync).toHaveBeenCalledTimes(1)
})

it('what users may notice is on the disk before anything goes on; the rest goes there with it', () => {
  journal.append({ type: 'lease.taken', token: 1 }, 'web-1')
  expect(fsyncSync).toHaveBeenCalledTimes(0)
  journal.append({ type: 'admitted' }, 'web-1')
  journal.append({ type: 'touched' }, 'web-1')
  expect(fsyncSync).toHaveBeenCalledTimes(2)
  journal.append(ended, 'web-1')
  journal.append(runEnded, null)
  expect(fsyncSync).toHaveBeenCalledTimes(3)
})

it('who listens and fails takes neither the run nor another listener with it, and is told of once', () => {
  const heard: string[] = []
  journal.listen('the log of a step', () => {
    throw new Error('EACCES: permission denied')
  })
  journal.listen('the others', (event) => heard.push(event.type === 'warning' ? event.sentence : event.type))
  journal.append({ type: 'admitted' }, 'web-1')
  journal.append(runEnded, null)
  expect(heard).toEqual(['admitted', 'the log of a step cannot be kept: EACCES: permission denied', 'run.ended'])
  expect(lines()).toHaveLength(3)
})

it('a disk that is full ends the journal, and nothing else: what comes is still told', () => {
  const heard: string[] = []
  journal.listen('the others', (event) => heard.push(event.type === 'warning' ? event.sentence : event.type))
  vi.mocked(writeSync).mockImplementationOnce(() => {
    throw new Error('ENOSPC: no space left on device, write')
  })
  journal.append({ type: 'admitted' }, 'web-1')
  journal.append({ type: 'touched' }, 'web-1')
  journal.append(runEnded, null)
  expect(heard).toEqual([
    'admitted',
    'the journal is not kept any longer: ENOSPC: no space left on device, write',
    'touched',
    'run.ended',
  ])
})

it('a folder that takes no journal is told of with the first event', () => {
  const heard: string[] = []
  const clock = { now: () => new Date('2026-11-22T02:00:00Z') }
  const other = new Journal({ path: join(folder, 'gone/j.jsonl'), run: 'r', clock, redactor: new Redactor([]) })
  other.listen('the others', (event) => heard.push(event.type === 'warning' ? event.sentence : event.type))
  other.append(runEnded, null)
  expect(heard).toEqual(['run.ended', expect.stringContaining('the journal cannot be kept: ENOENT')])
})
