import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { judgeAnswer } from '../../../src/checks/command'
import { declaredProbes } from '../../../src/checks/kinds'
import { runProbe } from '../../../src/checks/run'
import type { Answer, Question, Remote } from '../../../src/host/remote'
import { hostConfig } from '../../fixtures/host-config'
import { probeContext } from '../../fixtures/probe-context'

const command = (more: object) => ({ command: { run: 'true', on: 'host', timeout: 5_000, env: {}, ...more } })
const answer = (rc: number | null, out = '', truncated = false): Answer => ({ id: 'command', rc, out, truncated })

describe('the answer of a check command', () => {
  it.each([
    ['exit code 0 passes', answer(0, 'fine\n'), 'pass', 'exit code 0 in 7 ms: "fine"'],
    ['any other exit code fails', answer(3, 'broken\u001b[1m'), 'fail', 'exit code 3 in 7 ms: "broken [1m"'],
    [
      'what it said on stderr stands behind',
      answer(2, 'no\n\x1eno such socket\n'),
      'fail',
      'exit code 2 in 7 ms: "no"; on stderr "no such socket"',
    ],
    ['a command that is not there fails', answer(127), 'fail', 'exit code 127 in 7 ms'],
    ['exit code 124 of the command itself fails', answer(124), 'fail', 'exit code 124 in 7 ms'],
    ['no exit code is unknown', answer(null), 'unknown', 'no exit code: it never ended, or the connection broke'],
    ['too much output is unknown', answer(null, 'x', true), 'unknown', 'no exit code: it printed more than 4096 bytes'],
    ['no answer is unknown', undefined, 'unknown', 'no exit code: it never ended, or the connection broke'],
  ])('%s', (_title, given, outcome, actual) => {
    expect(judgeAnswer(given, 5_000, 7)).toEqual({ outcome, actual })
  })

  it.each([124, 137, 143])('exit code %d after the whole time is unknown: the host ended it', (rc) => {
    expect(judgeAnswer(answer(rc), 5_000, 5_004)).toEqual({ outcome: 'unknown', actual: 'did not end within 5 s' })
  })
})

describe('the probe of a command', () => {
  /** A machine that runs the question's text in a real shell. */
  const machine = (shell: readonly string[], asked: Question[] = []): Pick<Remote, 'ask'> => ({
    ask: async (questions) =>
      questions.map((q) => {
        asked.push(q)
        const [program = 'sh', ...args] = shell
        // As on a host: standard input is closed. (bash takes a socket there for rsh and reads start files.)
        const done = spawnSync(program, [...args, '-c', q.sh.text], {
          env: { PATH: process.env.PATH, ...q.env },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        return { id: q.id, rc: done.status, out: done.stdout.toString(), truncated: false }
      }),
  })

  async function runOn(shell: readonly string[], more: object, host = hostConfig()) {
    const asked: Question[] = []
    const context = probeContext()
    const [probe] = declaredProbes([command(more)], { host, runId: 'run-7' })
    if (probe === undefined) throw new Error('no probe')
    const result = await runProbe(probe, { ...context, remote: { ...context.remote, ...machine(shell, asked) } })
    return { result, asked }
  }

  it('gets the variables of the contract and those of its env map', async () => {
    const run = 'echo "$PITSTOP_HOST $PITSTOP_STAGE $PITSTOP_RUN $COLOUR"'
    const { result } = await runOn(['sh'], { run, name: 'colours', env: { COLOUR: 'red' } })
    expect(result).toMatchObject({ id: 'command:colours', outcome: 'pass' })
    expect(result.actual).toMatch(/: "web-1 verify run-7 red"$/)
  })

  it('gives its time limit to the host', async () => {
    const { asked } = await runOn(['sh'], {})
    expect(asked[0]?.timeoutMs).toBe(5_000)
  })

  it.each([['dash'], ['busybox', 'sh'], ['bash', '--posix']])(
    'runs a script with %s without leaving a file',
    async (...shell) => {
      const text = `#!/bin/sh\n# it's "quoted" $(exit 9) \\\necho "script $1 $PITSTOP_HOST"\n${'#'.repeat(70_000)}\nexit 4`
      const sha256 = createHash('sha256').update(text).digest('hex')
      const host = hostConfig({ scripts: new Map([['./smoke.sh', { path: './smoke.sh', text, sha256 }]]) })
      const { result } = await runOn(shell, { run: './smoke.sh {group}' }, host)
      expect(result).toMatchObject({
        outcome: 'fail',
        actual: expect.stringMatching(/^exit code 4 .*"script default web-1"$/),
      })
    },
  )

  it('asks the helper it names, not the host', async () => {
    const [probe] = declaredProbes([command({ on: 'lb-1', run: 'exit 0' })], { host: hostConfig(), runId: 'r' })
    if (probe === undefined) throw new Error('no probe')
    const places: string[] = []
    const place = async (name: string) => {
      places.push(name)
      return machine(['sh'])
    }
    expect((await runProbe(probe, probeContext({ place }))).outcome).toBe('pass')
    expect(places).toEqual(['lb-1'])
  })

  it('is unknown when its helper cannot be reached', async () => {
    const [probe] = declaredProbes([command({ on: 'lb-1' })], { host: hostConfig(), runId: 'r' })
    if (probe === undefined) throw new Error('no probe')
    const place = () => Promise.reject(new Error('lb-1 is down'))
    expect(await runProbe(probe, probeContext({ place }))).toMatchObject({ outcome: 'unknown', actual: 'lb-1 is down' })
  })

  it('names its secrets, whose values only the way to the machine knows', async () => {
    const { asked } = await runOn(['sh'], { env: { TOKEN: '${env:SMOKE_TOKEN}', PLAIN: 'x' } })
    expect(asked[0]?.secretEnv).toEqual({ TOKEN: { env: 'SMOKE_TOKEN' } })
    expect(asked[0]?.env).toMatchObject({ PLAIN: 'x' })
    expect(asked[0]?.env).not.toHaveProperty('TOKEN')
  })
})

describe('a check of a kind nobody knows', () => {
  it('is unknown, never dropped', async () => {
    const [probe] = declaredProbes([{ telepathy: {} } as never], { host: hostConfig(), runId: 'r' })
    if (probe === undefined) throw new Error('no probe')
    expect(await runProbe(probe, probeContext())).toMatchObject({ id: 'telepathy:1', outcome: 'unknown' })
  })
})
