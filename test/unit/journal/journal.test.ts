import { fsyncSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EventBody } from '../../../src/journal/event'
import { Journal } from '../../../src/journal/journal'
import { Redactor } from '../../../src/show/redact'

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  return { ...real, fsyncSync: vi.fn(real.fsyncSync) }
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
