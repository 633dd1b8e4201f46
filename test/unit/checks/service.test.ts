import { describe, expect, it } from 'vitest'
import { declaredProbes } from '../../../src/checks/kinds'
import { runProbe } from '../../../src/checks/run'
import { judgeUnit } from '../../../src/checks/service'
import type { Answer, Question } from '../../../src/host/remote'
import { hostConfig } from '../../fixtures/host-config'
import { probeContext } from '../../fixtures/probe-context'

const shown = (load: string, active: string, sub: string, result = 'success') =>
  `LoadState=${load}\nActiveState=${active}\nSubState=${sub}\nResult=${result}\n`

describe('the state of a service', () => {
  it.each([
    ['active and running', shown('loaded', 'active', 'running'), 'pass', 'active (running)'],
    ['active and exited (a one-shot that remains)', shown('loaded', 'active', 'exited'), 'pass', 'active (exited)'],
    ['dead', shown('loaded', 'inactive', 'dead'), 'fail', 'inactive (dead)'],
    ['failed', shown('loaded', 'failed', 'failed', 'exit-code'), 'fail', 'failed (failed, exit-code)'],
    [
      'between two restarts',
      shown('loaded', 'activating', 'auto-restart', 'signal'),
      'fail',
      'activating (auto-restart, signal)',
    ],
    ['starting', shown('loaded', 'activating', 'start'), 'fail', 'activating (start)'],
    ['reloading', shown('loaded', 'reloading', 'reload'), 'pass', 'reloading (reload)'],
    ['not there', shown('not-found', 'inactive', 'dead'), 'fail', 'no such unit'],
    ['masked', shown('masked', 'inactive', 'dead'), 'fail', 'the unit is masked'],
    ['silent', '', 'unknown', 'systemctl show did not name the state'],
    ['cut', 'LoadState=loaded\nActiveState=active\nSub', 'unknown', 'systemctl show did not name the state'],
  ])('%s', (_title, output, outcome, actual) => {
    expect(judgeUnit(output)).toEqual({ outcome, actual })
  })
})

describe('the probe of a service', () => {
  async function probeOf(name: string, answer: Omit<Answer, 'id'> | undefined) {
    const asked: Question[] = []
    const context = probeContext()
    const remote = {
      ...context.remote,
      ask: async (questions: readonly Question[]) => {
        asked.push(...questions)
        return answer === undefined ? [] : [{ id: 'service', ...answer }]
      },
    }
    const [probe] = declaredProbes([{ service: { name } }], { host: hostConfig(), runId: 'r' })
    if (probe === undefined) throw new Error('no probe')
    return { result: await runProbe(probe, { ...context, remote }), asked }
  }

  it('asks systemd for exactly that unit', async () => {
    const { asked, result } = await probeOf('app@1', {
      rc: 0,
      out: shown('loaded', 'active', 'running'),
      truncated: false,
    })
    expect(asked.map((q) => q.sh.text)).toEqual([
      'LC_ALL=C systemctl show --no-pager -p LoadState -p ActiveState -p SubState -p Result -- app@1.service',
    ])
    expect(result).toMatchObject({ id: 'service:app@1', outcome: 'pass' })
  })

  it.each([
    ['an exit code that never came', { rc: null, out: shown('loaded', 'active', 'running'), truncated: false }],
    ['a truncated answer', { rc: 0, out: shown('loaded', 'active', 'running'), truncated: true }],
    ['a host without systemctl', { rc: 127, out: '', truncated: false }],
    ['an error of systemctl', { rc: 1, out: shown('loaded', 'active', 'running'), truncated: false }],
    ['no answer', undefined],
  ])('%s is unknown', async (_title, answer) => {
    expect((await probeOf('app', answer)).result.outcome).toBe('unknown')
  })
})
