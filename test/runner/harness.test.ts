import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Job, type StepOptions } from './harness'
import { parseFileCommands, parseWorkflowCommand } from './workflow-commands'

let job: Job
beforeEach(() => {
  job = new Job()
})
afterEach(() => job[Symbol.dispose]())

const step = (what: string, more: Partial<StepOptions> = {}): StepOptions => ({
  entry: join(import.meta.dirname, 'fake-entry.mjs'),
  workspace: tmpdir(),
  inputs: { do: what, 'two-words': 'x' },
  ...more,
})

test('inputs and event reach the entry; outputs, state, summary, masks and annotations come back', async () => {
  const end = await job.run(step('', { event: 'schedule' }))
  expect(end).toMatchObject({
    exitCode: 0,
    signal: null,
    stderr: '',
    masks: ['secret%value'],
    summary: '# done\n',
    cancelledMs: null,
  })
  expect(end.lines[0]).toBe('hello schedule x -')
  expect(Object.fromEntries(end.outputs)).toEqual({ plain: '1', long: 'two\nlines' })
  expect(end.commands.find((c) => c.name === 'error')).toEqual({
    name: 'error',
    properties: { file: 'a.yml', line: '3', col: '5' },
    value: 'bad\nthing',
  })
  expect(end.commands.map((c) => c.name)).toEqual(['add-mask', 'error', 'group', 'endgroup'])
  expect(end.firstLineMs).toBeGreaterThan(0)
})

test('post gets the state that main saved', async () => {
  const main = await job.run(step(''))
  const post = await job.run(step(''), main.state)
  expect(post.lines[0]).toBe('hello workflow_dispatch x yes')
})

test('the exit code of a failing entry is kept', async () => expect((await job.run(step('fail'))).exitCode).toBe(3))

test('an entry that obeys SIGINT is not killed', async () => {
  const end = await job.run(step('obey', { cancelAt: /^ready$/ }))
  expect(end).toMatchObject({ exitCode: 7, signal: null })
  expect(end.cancelledMs).toBeLessThan(7_500)
})

test('an entry that resists gets SIGINT, SIGTERM and SIGKILL, in that order', async () => {
  const end = await job.run(step('resist', { cancelAt: /^ready$/, graceMs: { afterInt: 300, afterTerm: 200 } }))
  expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
  expect(end.lines.slice(-2)).toEqual(['got SIGINT', 'got SIGTERM'])
  expect(end.cancelledMs).toBeGreaterThanOrEqual(490)
})

test('the environment of the developer does not reach the entry', async () => {
  const end = await job.run(
    step('', { nodeArgs: ['--import', 'data:text/javascript,console.log(Object.keys(process.env).sort().join())'] }),
  )
  expect(end.lines[0]).not.toContain('VITEST')
  expect(end.lines[0]).toContain('INPUT_TWO-WORDS')
})

test('nothing of a job is left', async () => {
  const other = new Job()
  await other.run(step(''))
  other[Symbol.dispose]()
  expect(existsSync(other.temp)).toBe(false)
})

test.each([
  ['::warning::x', 'warning'],
  ['  ::debug::x', 'debug'],
  ['text ##[error]x', 'error'],
])('%j is a workflow command', (line, name) => expect(parseWorkflowCommand(line)?.name).toBe(name))

test.each(['text ::warning::x', ':: warning::x', 'web-1 | : :error: :x'])('%j is no workflow command', (line) =>
  expect(parseWorkflowCommand(line)).toBeNull(),
)

test('a file with a broken delimiter is refused as a runner does', () => {
  expect(() => parseFileCommands('a<<X\nb\n')).toThrow('delimiter')
  expect(() => parseFileCommands('nothing\n')).toThrow('no pair')
})
