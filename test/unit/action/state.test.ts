import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMainState, type StateStore, saveBegun, saveEnded } from '../../../src/action/state'

let folder: string
let saved: Map<string, string>
let store: StateStore
const frozen = { runId: 'r1', text: '{"hosts":["web-1"]}' }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
  saved = new Map()
  store = { saveState: (name, value) => saved.set(name, value), getState: (name) => saved.get(name) ?? '' }
})
afterEach(() => rmSync(folder, { recursive: true }))

test('H7: post does nothing for a main that never took a lease', () =>
  expect(readMainState(store)).toEqual({ kind: 'not-begun' }))

test('H7: post does nothing after a main that came to its end', () => {
  saveBegun(store, folder, frozen)
  saveEnded(store)
  expect(readMainState(store)).toEqual({ kind: 'ended' })
})

test('H7: post works from the frozen copy of a main that was cut', () => {
  saveBegun(store, folder, frozen)
  expect(readMainState(store)).toEqual({ kind: 'cut', frozen })
})

test('H7: post does not trust a frozen copy that was changed or removed', () => {
  saveBegun(store, folder, frozen)
  const path = join(folder, 'pitstop-r1.json')
  writeFileSync(path, `${frozen.text} `)
  expect(readMainState(store)).toMatchObject({ kind: 'unsafe', why: expect.stringContaining('was changed') })
  rmSync(path)
  expect(readMainState(store)).toMatchObject({ kind: 'unsafe', why: expect.stringContaining('cannot be read') })
})

test('H7: main does not write over a file that is there already', () => {
  writeFileSync(join(folder, 'pitstop-r1.json'), 'theirs')
  expect(() => saveBegun(store, folder, frozen)).toThrow('EEXIST')
  expect(readFileSync(join(folder, 'pitstop-r1.json'), 'utf8')).toBe('theirs')
  expect(readMainState(store)).toEqual({ kind: 'not-begun' })
})

test('the frozen copy is for its owner only', () => {
  saveBegun(store, folder, frozen)
  expect(statSync(join(folder, 'pitstop-r1.json')).mode & 0o777).toBe(0o600)
})
