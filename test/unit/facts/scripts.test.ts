import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { baselineFacts } from '../../../src/facts/baseline'
import { readFacts } from '../../../src/facts/read'
import { rights } from '../../../src/facts/rights'
import { compileQuestions, parseAnswers } from '../../../src/host/question'
import type { Question } from '../../../src/host/remote'
import { parseSamples, takeSamples } from '../../../src/stages/monitor-samples'

const SHELLS = [
  ['dash', ['dash', '-c']],
  ['BusyBox sh', ['busybox', 'sh', '-c']],
] as const
const all = [...baselineFacts, rights]
/** What every Linux machine can answer, whatever else it lacks. */
const EVERYWHERE = [
  'clock',
  'kernel',
  'uptime',
  'init-system',
  'mounts',
  'disks',
  'memory',
  'load',
  'disk-io',
  'net-errors',
  'newest-kernel',
  'rights',
]

function here(shell: readonly string[]) {
  return {
    rights: 'root' as const,
    ask: async (questions: readonly Question[]) => {
      const [program = '', ...args] = [...shell, compileQuestions(questions)]
      const done = spawnSync(program, args, { maxBuffer: 1e8, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
      if (done.status !== 0) throw new Error(`the shell ended with ${done.status}: ${done.stderr}`)
      return parseAnswers(done.stdout, questions)
    },
  }
}

describe.each(SHELLS)('the scripts in %s', (_, shell) => {
  it('all come to an end, and none takes the others with it', async () => {
    const ended = new Map<string, number | null>()
    const remote = here(shell)
    const ask = async (questions: readonly Question[]) => {
      const answers = await remote.ask(questions)
      for (const answer of answers) ended.set(answer.id, answer.rc)
      return answers
    }
    const facts = await readFacts({ ...remote, ask }, all, new AbortController().signal, systemClock)
    expect([...ended].filter(([, rc]) => rc === null)).toEqual([])
    expect(ended.size).toBe(all.length)
    const unread = all.filter((fact) => EVERYWHERE.includes(fact.id) && !facts.get(fact).ok).map((fact) => fact.id)
    expect(unread).toEqual([])
  })

  it('are valid in that shell', () => {
    for (const fact of all) {
      const [program = '', ...args] = [...shell.slice(0, -1), '-n', '-c', fact.sh.text]
      expect([fact.id, spawnSync(program, args).stderr.toString()]).toEqual([fact.id, ''])
    }
  })

  it('take samples that are read back whole', () => {
    const [program = '', ...args] = [...shell, takeSamples(3, 0).text]
    const done = spawnSync(program, args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } })
    expect(done.status).toBe(0)
    const samples = parseSamples(done.stdout.toString())
    if (!samples.ok) throw new Error(samples.why)
    expect(samples.value).toHaveLength(3)
    for (const sample of samples.value) {
      expect(Object.values(sample).map((part) => part.ok)).toEqual([true, true, true, true, true])
    }
  })
})
