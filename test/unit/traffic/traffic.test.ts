import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decideGate } from '../../../src/gate/gate'
import { heard } from '../../../src/shell/heard'
import { reviewed } from '../../../src/shell/sh'
import { stateOf, whyNoState } from '../../../src/traffic/driver'
import { isolationOf } from '../../../src/traffic/kinds'
import { drainSteps, redrainSteps, trafficState, undrainSteps, untilStateIs } from '../../../src/traffic/traffic'
import { hostConfig } from '../../fixtures/host-config'
import { stageInput } from '../../fixtures/stage-input'

const plain = { command: { drain: 'echo out', undrain: 'echo in', state: 'cat state', on: 'lb-1' } }
const blind = { command: { drain: 'blind-out', undrain: 'blind-in' } }

function gateOf(host: string, run = 'run1') {
  const check = { id: 'builtin:login', kind: 'builtin', outcome: 'pass', expected: '', actual: '' } as const
  const decision = decideGate([check], { host, run, required: [] })
  if (!decision.open) throw new Error(decision.reason)
  return decision.gate
}

const inDrain = (...traffic: object[]) => stageInput({ drain: { traffic: traffic as never } })

describe('traffic', () => {
  it('drains in the order of the file and reads each back as out', () => {
    const steps = drainSteps(inDrain(plain, blind))
    expect(steps.map((step) => [step.id, step.place, step.disruptive, step.changes])).toEqual([
      ['traffic-1-drain', 'lb-1', true, true],
      ['traffic-1-is-out', 'lb-1', false, false],
      ['traffic-2-drain', 'host', true, true],
    ])
    expect(steps.every((step) => step.required)).toBe(true)
  })

  it('brings the way back with every drain; the dead man gets only what needs no other machine and no secret', () => {
    const secret = { command: { ...blind.command, env: { TOKEN: '${env:LB_TOKEN}', MODE: "it's" } } }
    const undos = drainSteps(inDrain(plain, blind, secret)).flatMap((step) => step.undo ?? [])
    expect(undos.map((undo) => undo.onDeadMan)).toEqual([false, true, false])
    expect(undos[2]).toMatchObject({ secretEnv: { TOKEN: { env: 'LB_TOKEN' } } })
    expect(undos[2]?.run.text).toContain(`export 'MODE=it'\\''s'\n`)
    expect(undos[2]?.run.text).not.toContain('TOKEN')
  })

  it('lets traffic back newest first, through an open gate, and reads back in', () => {
    const steps = undrainSteps(inDrain(plain, blind), gateOf('web-1'))
    expect(steps.map((step) => step.id)).toEqual(['traffic-2-undrain', 'traffic-1-undrain', 'traffic-1-is-in'])
    expect(steps[0]?.env?.PITSTOP_STAGE).toBe('golive')
    expect(undrainSteps(inDrain(plain), 'undo')[0]?.env?.PITSTOP_STAGE).toBe('drain')
  })

  it('makes no way back from the gate of another host, of another run, or from a forged one', () => {
    expect(() => undrainSteps(inDrain(plain), gateOf('web-2'))).toThrow('cannot let web-1')
    expect(() => undrainSteps(inDrain(plain), gateOf('web-1', 'run2'))).toThrow('cannot let web-1')
    expect(() => undrainSteps(inDrain(plain), { requireFor: () => undefined } as never)).toThrow('no open gate')
  })

  it('drains again without an undo, so that no crash puts a held host back', () => {
    for (const step of redrainSteps(inDrain(plain, blind))) expect(step).not.toHaveProperty('undo')
  })

  it('can be asked for its state at any time, also where that needs a secret', () => {
    const secret = { command: { ...plain.command, env: { TOKEN: '${env:LB_TOKEN}' } } }
    const [first, second] = trafficState(inDrain(plain, secret, blind))
    expect(first).toMatchObject({ place: 'lb-1', question: { id: 'traffic-1-state' } })
    expect(first?.question.sh.text).toMatch(/\ne=\$\( { \( set -e;.*\ncat state\n/)
    expect(first?.step).toMatchObject({ changes: false, disruptive: false, output: { data: 5097 } })
    const secretEnv = { TOKEN: { env: 'LB_TOKEN' } }
    expect(second).toMatchObject({ question: { secretEnv, timeoutMs: 60_000 }, step: { secretEnv } })
  })

  it.each([
    [{ exitCode: 0, output: 'in\n', truncated: false }, 'in'],
    [{ exitCode: 0, output: ' out ', truncated: false }, 'out'],
    [{ exitCode: 1, output: 'in\n', truncated: false }, 'unknown'],
    [{ exitCode: null, output: 'out\n', truncated: false }, 'unknown'],
    [{ exitCode: 0, output: 'in\n', truncated: true }, 'unknown'],
    [{ exitCode: 0, output: 'in out', truncated: false }, 'unknown'],
    [{ exitCode: 0, output: 'IN', truncated: false }, 'unknown'],
    [{ exitCode: 0, output: '', truncated: false }, 'unknown'],
  ])('reads %j as %s', (answer, state) => {
    expect(stateOf(answer)).toBe(state)
  })

  it('calls a host isolated only if every driver can say out', () => {
    const isolation = (drain: object) => isolationOf(hostConfig({ stages: { drain } }))
    expect(isolation({ traffic: [plain] })).toBe('isolated')
    expect(isolation({ traffic: [plain, blind] })).toBe('exposed')
    expect(isolation({ traffic: [blind], services: ['app'] })).toBe('stopped')
    expect(isolation({})).toBe('exposed')
  })
})

describe.each(['dash', 'busybox'])('the texts, run by %s', (shell) => {
  const run = (text: string, cwd: string) =>
    spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', text], { cwd, encoding: 'utf8' })
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'traffic-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('confirms a state that comes only after a moment, and an exit in the command ends only itself', () => {
    writeFileSync(join(folder, 'n'), '0')
    const late = 'read n <n; echo $((n + 1)) >n; [ "$n" -gt 0 ] || exit 3; echo out; exit 0'
    expect(run(untilStateIs(reviewed(late), 'out').text, folder).status).toBe(0)
    expect(readFileSync(join(folder, 'n'), 'utf8')).toBe('2\n')
  })

  it.each([
    ['a word that is neither', 'echo IN; echo "no such socket" >&2', 'exit code 0 and printed "IN"', true],
    ['two words', 'echo in out', 'exit code 0 and printed "in out"', true],
    [
      'a failure that does not pass',
      'echo gone; echo "no such socket" >&2; exit 7',
      'exit code 7 and printed "gone"',
      false,
    ],
  ])(
    'tells %s with its exit code, its text and its stderr, and waits only for what may pass',
    (_, command, said, atOnce) => {
      const fast = untilStateIs(reviewed(`echo >>asked; ${command}`), 'out').text.replace('sleep 2', ':')
      const end = run(fast, folder)
      expect(end.status).toBe(1)
      expect(end.stdout).toContain(`ended with ${said}; expected in or out`)
      if (command.includes('>&2')) expect(end.stdout).toContain('; on stderr: no such socket')
      expect(readFileSync(join(folder, 'asked'), 'utf8').length).toBe(atOnce ? 1 : 30)
    },
  )

  it('what a state command says on stderr comes along, bounded, and changes neither its answer nor its exit code', () => {
    const [reading] = trafficState(
      inDrain({
        command: {
          ...plain.command,
          state: 'i=0; while [ $i -lt 500 ]; do echo "warning $i" >&2; i=$((i+1)); done; echo in; exit $RC',
        },
      }),
    )
    for (const rc of [0, 3]) {
      const end = run(`RC=${rc}; ${reading?.question.sh.text}`, folder)
      expect(end).toMatchObject({ status: rc, stderr: '' })
      const answer = { exitCode: rc, output: end.stdout, truncated: false }
      expect(stateOf(answer)).toBe(rc === 0 ? 'in' : 'unknown')
      expect(heard(end.stdout).printed).toBe('in\n')
      expect(heard(end.stdout).stderr).toMatch(/warning 499\n$/)
      expect(heard(end.stdout).stderr.length).toBeLessThanOrEqual(1_000)
      expect(whyNoState(answer)).toContain(
        `ended with exit code ${rc} and printed "in"; expected in or out; on stderr "`,
      )
    }
  })

  it('an undo is whole in itself: script, arguments and environment', () => {
    const text = '#!/bin/sh\nprintf "%s %s %s\\n" "$1" "$PITSTOP_HOST" "$MODE" >seen\n'
    const x = inDrain({ command: { drain: ':', undrain: './in.sh {host}', env: { MODE: "a 'b'" } } })
    const host = { ...x.host, scripts: new Map([['./in.sh', { path: './in.sh', text, sha256: 'ab12' }]]) }
    const undo = drainSteps({ ...x, host })[0]?.undo
    expect(run(undo?.run.text ?? 'exit 9', folder)).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe("web-1 web-1 a 'b'\n")
  })
})
