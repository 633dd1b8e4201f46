import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What post needs to undo the work of a main that was cut: frozen by main, without secrets. */
export interface FrozenRun {
  readonly runId: string
  /** JSON text of whatever post works from; its hash goes through the runner's state. */
  readonly text: string
}

/** Post acts only on `cut` (H7). `unsafe`: main began and did not end, and the frozen copy is gone or changed. */
export type MainState =
  | { readonly kind: 'not-begun' | 'ended' }
  | { readonly kind: 'cut'; readonly frozen: FrozenRun }
  | { readonly kind: 'unsafe'; readonly why: string }

/** saveState and getState of @actions/core: the runner carries them from main to post of the same step. */
export interface StateStore {
  saveState(name: string, value: string): void
  getState(name: string): string
}

const BEGUN = 'begun'
const ENDED = 'ended'
const FROZEN_PATH = 'frozenPath'
const FROZEN_HASH = 'frozenHash'

/** Called before the first lease: from here on post is answerable for what main leaves. `folder` is RUNNER_TEMP. */
export function saveBegun(store: StateStore, folder: string, frozen: FrozenRun): void {
  const path = join(folder, `pitstop-${frozen.runId}.json`)
  // `wx`: a file that is there already is not ours.
  writeFileSync(path, frozen.text, { mode: 0o600, flag: 'wx', flush: true })
  store.saveState(FROZEN_PATH, path)
  store.saveState(FROZEN_HASH, sha256(frozen.text))
  store.saveState(BEGUN, frozen.runId)
}

/** The last thing main does: every host has its verdict, nothing is left to post. */
export function saveEnded(store: StateStore): void {
  store.saveState(ENDED, 'true')
}

/** What post finds. Reads nothing but the state and the frozen copy: inputs and workspace may be others by now. */
export function readMainState(store: StateStore): MainState {
  const runId = store.getState(BEGUN)
  if (runId === '') return { kind: 'not-begun' }
  if (store.getState(ENDED) === 'true') return { kind: 'ended' }
  const path = store.getState(FROZEN_PATH)
  const text = readText(path)
  if (text === null) return { kind: 'unsafe', why: `the frozen copy ${path} cannot be read` }
  if (sha256(text) !== store.getState(FROZEN_HASH))
    return { kind: 'unsafe', why: `the frozen copy ${path} was changed after main wrote it` }
  return { kind: 'cut', frozen: { runId, text } }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
