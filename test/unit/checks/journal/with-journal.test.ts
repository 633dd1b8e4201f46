import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../../src/checks/check'
import { lastLines, linesIn } from '../../../../src/checks/journal/last-lines'
import { journalsOf } from '../../../../src/checks/journal/units-of-check'
import { withJournal } from '../../../../src/checks/journal/with-journal'
import { Facts, ok } from '../../../../src/facts/fact'
import type { Answer, Question } from '../../../../src/host/remote'

const facts = (all: Record<string, unknown>) =>
  new Facts(new Map(Object.entries(all).map(([id, value]) => [id, ok(value)])))
const listening = (process: string | null) =>
  facts({ listeners: { items: [{ proto: 'tcp', address: '0.0.0.0', port: 80, process }], ephemeralFrom: 32_768 } })
const check = (id: string, outcome: CheckResult['outcome'] = 'fail'): CheckResult => ({
  id,
  kind: id.slice(0, id.indexOf(':')),
  outcome,
  expected: 'active',
  actual: 'dead',
})
const namesOf = (id: string, before = new Facts(), now = new Facts()) =>
  journalsOf(check(id), before, now).map(({ by, name }) => `${by} ${name}`)
const answer = (out: string, more: Partial<Answer> = {}): Answer => ({ id: 'x', rc: 0, out, truncated: false, ...more })
const asIs = (text: string) => text

describe('the journal of a check', () => {
  it('is that of its unit, of the process behind its port, or of the units that failed anew', () => {
    expect(namesOf('unit:postgresql@15-main.service')).toEqual(['unit postgresql@15-main.service'])
    expect(namesOf('timer:apt-daily.timer')).toEqual(['unit apt-daily.timer'])
    expect(namesOf('service:nginx')).toEqual(['unit nginx'])
    expect(namesOf('port:tcp/0.0.0.0:80', listening('nginx'))).toEqual(['process nginx'])
    const [before, now] = [['a.service'], ['a.service', 'b.service', 'c.service', 'd.service', 'e.service']]
    const anew = namesOf('builtin:units', facts({ 'failed-units': before }), facts({ 'failed-units': now }))
    expect(anew).toEqual(['unit b.service', 'unit c.service', 'unit d.service'])
  })

  it.each([
    'http:http://localhost',
    'mount:/srv',
    'builtin:packages',
    'port:tcp/0.0.0.0:80',
    'unit:a b',
    'unit:$(id).service',
    'unit:a\nb',
  ])('is none for %j: no unit, no known process, or no name of one', (id) => expect(namesOf(id)).toEqual([]))

  it('is asked with words that no name can leave', () => {
    const text = (name: string) => lastLines('x', { by: 'process', name }, 12.2).sh.text
    expect(text('nginx')).toContain('s=13; ')
    expect(text('nginx')).toContain(' _COMM=nginx --since "@$(($(date +%s) - s))" -n 10 ')
    expect(text('$(id) --vacuum')).toContain(`'_COMM=$(id) --vacuum'`)
    expect(lastLines('x', { by: 'unit', name: '-x.service' }, 1).sh.text).toContain(' --unit=-x.service ')
  })

  it('is masked before it is cut, without controls, of ten lines at most', () => {
    const secret = 'hunter2-hunter2'
    const long = `${'y'.repeat(295)}${secret}`
    const lines = [...Array.from({ length: 14 }, (_, i) => `line ${i}`), '\u001b[31mred\u202e', '', long]
    const said = linesIn(answer(lines.join('\n')), (text) => text.replaceAll(secret, '***'))
    expect(said).toHaveLength(10)
    expect(said[0]).toBe('line 6')
    expect(said[8]).toBe('[31mred')
    expect(said[9]).toBe(`${'y'.repeat(295)}***`)
  })

  it.each([
    ['no journalctl', answer('sh: not found', { rc: 127 })],
    ['an answer that was cut', answer('half a sec', { truncated: true })],
    ['no answer', undefined],
    ['nothing said', answer('\n')],
  ])('is empty for %s', (_, given) => expect(linesIn(given, asIs)).toEqual([]))
})

describe('checks with their journals', () => {
  const place = (ask: (questions: readonly Question[]) => Promise<readonly Answer[]>) => ({
    ask,
    mask: asIs,
    baseline: undefined,
    now: new Facts(),
    seconds: 5,
  })

  it('are asked for in one round trip, once for each unit, and only where one failed', async () => {
    const asked: (readonly Question[])[] = []
    const checks = [
      check('unit:a.service'),
      check('service:a.service'),
      check('unit:b.service'),
      check('unit:c', 'warn'),
      check('http:x'),
    ]
    const told = await withJournal(
      checks,
      place(async (questions) => {
        asked.push(questions)
        return questions.map(({ id }) => answer(`said by ${id}`))
      }),
    )
    expect(asked.map((questions) => questions.map(({ id }) => id))).toEqual([
      ['journal unit a.service', 'journal unit b.service'],
    ])
    expect(told.map(({ journal }) => journal)).toEqual([
      ['said by journal unit a.service'],
      ['said by journal unit a.service'],
      ['said by journal unit b.service'],
      undefined,
      undefined,
    ])
    expect(told.map(({ journal: _, ...rest }) => rest)).toEqual(checks)
  })

  it('are as they were where the host says nothing, or nobody failed', async () => {
    const checks = [check('unit:a.service')]
    expect(
      await withJournal(
        checks,
        place(() => Promise.reject(new Error('the connection is lost'))),
      ),
    ).toEqual(checks)
    expect(
      await withJournal(
        checks,
        place(async () => []),
      ),
    ).toEqual(checks)
    const fine = [check('unit:a.service', 'pass'), check('unit:b.service', 'unknown')]
    expect(
      await withJournal(
        fine,
        place(() => Promise.reject(new Error('not to be asked'))),
      ),
    ).toBe(fine)
  })
})
