import { forgedNote } from '../forged-notes'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import { deepJson, type RogueDisk } from '../rogue-disk'
import { CANARY, type SceneAttack } from '../scene-attack'

export const ANY = ['live', 'untouched', 'held', 'unreachable', 'rolled-back'] as const
export const NOT_BEGUN = ['untouched', 'held', 'unreachable'] as const
/** A shell that waits for a fifo is given up after two minutes, and asked once more. */
const PATIENT_MS = 420_000

const HEAD = 'pitstop 1 OLD update-1 b 1.00\n'

export function onDisk(
  where: SceneAttack['where'],
  id: string,
  does: string,
  put: (disk: RogueDisk) => unknown,
  more: Partial<SceneAttack> = {},
): SceneAttack {
  return {
    id: `disk-${id}`,
    where,
    does,
    must: 'the host has its verdict, and nobody else is asked',
    verdicts: ANY,
    limitMs: PATIENT_MS,
    disk: (on) => void put(on),
    also: (_, outcome) => requirePlainLog(outcome.log),
    ...more,
  }
}

export const changed = (on: RogueDisk) => on.state({ phase: 'update', touched: true, drained: true })

/** A note beside a state that says the host was changed. */
const note = (id: string, does: string, text: string, more: Partial<SceneAttack> = {}) =>
  onDisk(
    'note',
    `note-${id}`,
    does,
    (on) => changed(on).note('update-1', text).records('update-1', `${HEAD}begin 0 1.00\n`),
    more,
  )

const state = (id: string, does: string, text: string, more: Partial<SceneAttack> = {}) =>
  onDisk('state', `state-${id}`, does, (on) => on.file('state', text), more)

const forged = (said: Readonly<Record<string, string>>) => {
  const whole = {
    v: '1',
    run: 'OLD',
    token: '1',
    phase: 'update',
    touched: 'true',
    drained: 'true',
    since: '',
    ledger: '',
    ledgerVerdict: '',
    lastMaintained: '',
    ...said,
  }
  return Object.entries(whole)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

export const noteAttacks: readonly SceneAttack[] = [
  note('torn', 'notes half a line of JSON', '{"v":1,"id":"upd'),
  note('deep', 'notes JSON a hundred thousand levels deep', deepJson(100_000)),
  note(
    'prototype',
    'notes __proto__ and constructor',
    `{"__proto__":{"v":1},"constructor":{"prototype":{"touched":false}}}`,
  ),
  note('huge', 'notes twenty megabytes', forgedNote({ build: 'x'.repeat(20 * 2 ** 20) })),
  note(
    'steps',
    'notes a hundred thousand steps',
    forgedNote({
      steps: Array.from({ length: 100_000 }, (_, i) => ({
        id: `s${i}`,
        title: '',
        required: true,
        disruptive: true,
        timeoutMs: 1,
        isLeft: false,
      })),
    }),
  ),
  note(
    'step-path',
    'notes a step whose id leads out of the report folder',
    forgedNote({
      id: 'update-1',
      stage: 'update',
      steps: [
        { id: 'x/../../../../../owned', title: 'x', required: true, disruptive: true, timeoutMs: 1_000, isLeft: true },
      ],
    }),
  ),
  note(
    'step-text',
    'notes a step called in terminal sequences',
    forgedNote({
      steps: [{ id: 'x', title: HOSTILE_TEXT, required: true, disruptive: true, timeoutMs: 1_000, isLeft: true }],
    }),
  ),
  note(
    'time',
    'notes a step that may take for ever',
    forgedNote({
      id: 'update-1',
      stage: 'update',
      steps: [{ id: 'packages.upgrade', title: 'x', required: true, disruptive: true, timeoutMs: 1e300, isLeft: true }],
    }),
  ),
  note('host', 'notes that its program is for another host', forgedNote({ host: 'db-1', stage: 'update' })),
  note('stage', 'notes a stage that does not exist', forgedNote({ stage: 'owned' })),
  note(
    'facts',
    'notes facts of before that are none',
    forgedNote({
      id: 'update-1',
      stage: 'update',
      facts: { changes: { ok: true, value: { 'entries of a map': 5 } }, transaction: 'x' },
    }),
  ),
  note(
    'parts',
    'notes parts that the file never had',
    forgedNote({
      id: 'update-1',
      stage: 'update',
      parts: [
        { kind: 'driver', name: 'runner', digest: 'a'.repeat(32), isSecret: true },
        { kind: 'app', name: CANARY, digest: null, isSecret: false },
      ],
    }),
  ),
  onDisk('note', 'note-fifo', 'notes in a fifo', (on) =>
    changed(on).fifo('runs/OLD/update-1/note').records('update-1', HEAD),
  ),
  onDisk('note', 'note-zero', 'notes in a device that never ends', (on) =>
    changed(on).link('runs/OLD/update-1/note', '/dev/zero').records('update-1', HEAD),
  ),
  onDisk('note', 'note-sparse', 'notes in a file of a gibibyte', (on) =>
    changed(on)
      .huge('runs/OLD/update-1/note', 2 ** 30)
      .records('update-1', HEAD),
  ),
  onDisk('note', 'note-many', 'notes of two thousand programs', (on) => {
    changed(on)
    for (let i = 0; i < 2_000; i++)
      on.note(`update-${i}`, forgedNote({ id: `update-${i}` })).records(`update-${i}`, HEAD)
  }),
  onDisk('note', 'note-link', 'has the run of its state be a link to the disk of the machine', (on) =>
    changed(on).link('runs/OLD', '/'),
  ),
]

export const stateAttacks: readonly SceneAttack[] = [
  state('empty', 'has an empty state', '', { verdicts: NOT_BEGUN }),
  state('text', 'has a state of terminal sequences', HOSTILE_TEXT, { verdicts: NOT_BEGUN }),
  state('run-up', 'has its state written by a run called ../..', forged({ run: '../..' }), { verdicts: NOT_BEGUN }),
  state('run-dot', 'has its state written by a run called ..', forged({ run: '..' })),
  state('run-shell', 'has its state written by a run called in shell text', forged({ run: `$(touch ${CANARY})` }), {
    verdicts: NOT_BEGUN,
  }),
  state('run-long', 'has its state written by a run of a thousand characters', forged({ run: 'r'.repeat(1_000) }), {
    verdicts: NOT_BEGUN,
  }),
  state('token', 'has a token of nine nines', forged({ token: '999999999' }), { verdicts: NOT_BEGUN }),
  state('token-octal', 'has a token that a shell reads as octal', forged({ token: '08' })),
  state('version', 'has a state of another version', forged({ v: '2' }), { verdicts: NOT_BEGUN }),
  state('phase', 'has a phase that does not exist', forged({ phase: 'owned' }), { verdicts: NOT_BEGUN }),
  state('since', 'has a time of terminal sequences', forged({ since: HOSTILE_TEXT }), { verdicts: NOT_BEGUN }),
  state(
    'keys',
    'has a state of a hundred thousand keys',
    `${forged({})}${Array.from({ length: 100_000 }, (_, i) => `k${i}=v\n`).join('')}`,
  ),
  state('prototype', 'has a state that names __proto__', `${forged({})}__proto__=x\nconstructor=y\n`),
  state(
    'ledger',
    'says that it was done in this window',
    forged({
      phase: 'idle',
      touched: 'false',
      drained: 'false',
      ledger: 'x@y',
      ledgerVerdict: 'live',
      lastMaintained: '2099-01-01T00:00:00Z',
    }),
  ),
  onDisk('state', 'state-fifo', 'has its state in a fifo', (on) => on.fifo('state'), { verdicts: NOT_BEGUN }),
  onDisk('state', 'state-zero', 'has its state in a device that never ends', (on) => on.link('state', '/dev/zero'), {
    verdicts: NOT_BEGUN,
  }),
  onDisk('state', 'state-folder', 'has its state in a folder', (on) => on.folder('state'), { verdicts: NOT_BEGUN }),
  onDisk('state', 'state-sparse', 'has its state in a file of 4 GiB', (on) => on.huge('state', 2 ** 32), {
    verdicts: NOT_BEGUN,
  }),
  onDisk(
    'state',
    'state-link',
    'has its state be a link to a file of the system',
    (on) => on.link('state', '/etc/passwd'),
    { verdicts: NOT_BEGUN },
  ),
]
