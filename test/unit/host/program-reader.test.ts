import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsOfFound } from '../../../src/host/following/program-bounds'
import { ProgramReader } from '../../../src/host/program-reader'
import type { WireItem } from '../../../src/host/remote'
import type { ShStep } from '../../../src/plan/step'
import { FakeClock } from '../../fixtures/fake-clock'
import { shStep } from '../../fixtures/steps'

const STEPS: readonly ShStep[] = [shStep('first', 'true'), shStep('second', 'true', { output: { data: 100 } })]

const REC = Buffer.from(
  'pitstop 1 r p b 1.00\nbegin 0 1.00\nend 0 0 2.50 14\nbegin 1 2.50\ndata 1 6 0\nover 9\nend 1 3 3.00 20\nover 2\n',
)
const LIVE = Buffer.from('hello\nworld é\nfive.\n')

const textOf = (items: readonly WireItem[]) => items.map((i) => (i.t === 'live' ? i.text : '')).join('')

interface Told {
  readonly items: WireItem[]
  readonly reader: ProgramReader
}

function reading(steps = STEPS, clock = new FakeClock()): Told {
  const items: WireItem[] = []
  return {
    items,
    reader: new ProgramReader(
      steps,
      (item) => items.push(item),
      () => clock.monotonicMs(),
    ),
  }
}

/** Texts of one step that follow one another are one. */
function joined(items: readonly WireItem[]): readonly WireItem[] {
  return items.reduce<WireItem[]>((all, item) => {
    const last = all.at(-1)
    if (item.t === 'live' && last?.t === 'live' && last.step === item.step) {
      all[all.length - 1] = { ...item, text: last.text + item.text }
    } else all.push(item)
    return all
  }, [])
}

const attach = fc.record({ rec: fc.nat(REC.length), live: fc.nat(LIVE.length), chunk: fc.integer({ min: 1, max: 9 }) })

describe('a program that is followed', () => {
  it('tells the same items however its streams are cut, wherever it is attached to again', () => {
    const whole = reading()
    whole.reader.push(REC)
    whole.reader.live(LIVE)
    fc.assert(
      fc.property(fc.array(attach, { maxLength: 4 }), fc.array(fc.boolean(), { maxLength: 80 }), (broken, order) => {
        const { items, reader } = reading()
        for (const { rec, live, chunk } of [...broken, { rec: REC.length, live: LIVE.length, chunk: 3 }]) {
          reader.restart()
          feed(reader, REC.subarray(0, rec), LIVE.subarray(0, live), chunk, order)
        }
        expect(reader.end(0, false)).toEqual({ t: 'over' })
        expect(joined(items)).toEqual(joined(whole.items))
      }),
    )
  })

  it('gives each step what was printed before its end, and what came before its begin', () => {
    const { items, reader } = reading()
    reader.live(LIVE.subarray(0, 14))
    reader.push(REC)
    reader.live(LIVE.subarray(14))
    expect(items.map((i) => (i.t === 'live' ? `${i.step}:${i.text}` : i.t))).toEqual([
      'begin',
      'first:hello\nworld é',
      'end',
      'begin',
      'second:\nfive.',
      'end',
      'null:\n',
    ])
  })

  it('tells what an open step printed once no record can be late, and a flood at once', () => {
    const { items, reader } = reading()
    reader.push(Buffer.from('begin 0 1.00\n'))
    reader.live(Buffer.from('one'))
    reader.settle()
    expect(textOf(items)).toBe('')
    reader.live(Buffer.from('two'))
    reader.settle()
    expect(textOf(items)).toBe('one')
    reader.settle()
    expect(textOf(items)).toBe('onetwo')
    reader.live(Buffer.alloc(300_000, 0x61))
    expect(textOf(items)).toHaveLength(300_006)
  })

  it('carries exit code, duration by the clock of the host, and output of a step', () => {
    const { items, reader } = reading()
    reader.push(REC)
    reader.live(LIVE)
    const ends = items.flatMap((i) => (i.t === 'end' ? [i.result] : []))
    expect(ends).toMatchObject([
      { id: 'first', outcome: 'done', exitCode: 0, durationMs: 1500, output: '', truncated: false },
      { id: 'second', outcome: 'failed', exitCode: 3, durationMs: 500, output: 'over 9', truncated: false },
    ])
  })

  it.each([
    ['an end without a begin', 'end 0 0 1.00 0\nover 1\n'],
    ['an end of another step', 'begin 0 1.00\nend 1 0 1.00 0\nover 1\n'],
    ['a step that the program does not have', 'begin 7 1.00\nend 7 0 1.00 0\nover 1\n'],
    ['a step that was left out', 'begin 1 1.00\nend 1 0 1.00 0\nover 2\n'],
  ])('is not believed after %s', (_, text) => {
    const { items, reader } = reading()
    reader.push(Buffer.from(text))
    expect(reader.end(0, false)).toEqual({ t: 'died' })
    expect(items.some((i) => i.t === 'end')).toBe(false)
  })

  it.each([
    ['the one that stopped it', 'begin 0 1.00\nover 0\n'],
    ['the last one', 'begin 0 1.00\nend 0 0 1.00 0\nbegin 1 1.00\nover 2\n'],
    ['one that was never begun', 'begin 0 1.00\nend 0 0 1.00 0\nover 2\n'],
    ['any', 'over 2\n'],
  ])('is no success where the record of the end of a step is lost: %s', (_, text) => {
    const { reader } = reading()
    reader.push(Buffer.from(`pitstop 1 r p b 1.00\n${text}`))
    expect(reader.end(0, false)).toEqual({ t: 'died' })
  })

  it('is over at the step that stopped it', () => {
    const { reader } = reading()
    reader.push(Buffer.from('begin 0 1.00\nend 0 1 1.00 0\nover 0\n'))
    expect(reader.end(0, false)).toEqual({ t: 'over' })
  })

  it('died when its process is gone without a last record, and names the step that was cut', () => {
    const { reader } = reading()
    reader.push(Buffer.from('begin 0 1.00\n'))
    expect(reader.end(1, false)).toEqual({ t: 'died' })
    expect(reader.interrupted).toBe('first')
  })

  it('is asked again when the channel ended without an exit code', () => {
    const { reader } = reading()
    reader.push(Buffer.from('begin 0 1.00\n'))
    expect(reader.end(null, false)).toBeNull()
  })

  it('is asked again for what was printed last where a channel broke before it came, and not where the connection is gone', () => {
    const { reader } = reading()
    reader.push(REC)
    expect(reader.end(null, false)).toBeNull()
    reader.restart()
    reader.push(REC)
    reader.live(LIVE)
    expect(reader.end(null, false)).toEqual({ t: 'over' })
    const other = reading().reader
    other.push(REC)
    expect(other.end(null, true)).toEqual({ t: 'over' })
  })

  it.each([
    ['lease-lost\nover 0\n', 'lease-lost'],
    ['busy\nover 0\n', 'lease-lost'],
    ['nospace\nover 0\n', 'no-space'],
  ])('ends as its own words say: %j', (text, end) => {
    const { reader } = reading()
    reader.push(Buffer.from(text))
    expect(reader.end(0, false)).toEqual({ t: end })
  })

  it('is over its time only in a step that may not be killed, or long after the host should have ended it', () => {
    const clock = new FakeClock()
    const patient = reading([shStep('patient', 'true', { overtime: 'leave', timeoutMs: 1_000 })], clock)
    patient.reader.push(Buffer.from('begin 0 1.00\n'))
    clock.advance(900)
    expect(patient.reader.isLate()).toBe(false)
    clock.advance(200)
    expect(patient.reader.isLate()).toBe(true)
    expect(patient.reader.end(null, false)).toEqual({ t: 'overtime', step: 'patient', pid: null })
    const killed = reading([shStep('killed', 'true', { timeoutMs: 1_000 })], clock)
    killed.reader.push(Buffer.from('begin 0 1.00\n'))
    clock.advance(30_000)
    expect(killed.reader.isLate()).toBe(false)
    clock.advance(32_000)
    expect(killed.reader.isLate()).toBe(true)
  })

  it.each([
    ['never begins', ''],
    ['says only that it is there', 'pitstop 1 r p b 1.00\n'],
    ['stops between two steps', 'pitstop 1 r p b 1.00\nbegin 0 1.00\nend 0 0 1.50 0\n'],
    ['does not end behind its last step', 'begin 0 1.00\nend 0 0 1.50 0\nbegin 1 1.00\nend 1 0 1.50 0\n'],
  ])('H40: is lost, which is no success, where it %s, however often a byte of it comes', (_, text) => {
    const clock = new FakeClock()
    const { reader } = reading(STEPS, clock)
    reader.push(Buffer.from(text))
    // The beginning of a record, a byte a minute.
    for (let minute = 0; minute < 10; minute++) {
      expect(reader.isLate()).toBe(false)
      clock.advance(60_000)
      reader.push(Buffer.from('pitstop 1 '.charAt(minute)))
      reader.live(Buffer.from('x'))
    }
    clock.advance(1_000)
    expect(reader.isLate()).toBe(true)
    expect(reader.end(null, false)).toMatchObject({ t: 'lost' })
  })

  it('H40: has the time of its steps and of what is between them, and no more, whatever it says at the last moment', () => {
    const clock = new FakeClock()
    const steps = ['a', 'b', 'c'].map((id) => shStep(id, 'true', { timeoutMs: 60_000 }))
    const { reader } = reading(steps, clock)
    const say = (text: string, afterMs: number) => {
      clock.advance(afterMs)
      expect(reader.isLate()).toBe(false)
      reader.push(Buffer.from(text))
    }
    say('pitstop 1 r p b 1.00\n', 599_000)
    for (const n of [0, 1, 2]) {
      say(`begin ${n} 1.00\n`, 599_000)
      say(`end ${n} 0 1.00 0\n`, 119_000)
    }
    say('over 3\n', 599_000)
    clock.advance(121_000)
    expect(reader.isLate()).toBe(true)
    expect(reader.end(null, false)).toEqual({ t: 'over' })
    expect(clock.monotonicMs()).toBeLessThan(5 * 600_000 + 3 * 120_000 + 121_000)
  })

  it('H40: is over in spite of a follower that does not end, and of output that was promised and does not come', () => {
    const clock = new FakeClock()
    const { reader } = reading([shStep('only', 'true')], clock)
    reader.push(Buffer.from('pitstop 1 r p b 1.00\nbegin 0 1.00\nend 0 0 1.50 999999999999999\nover 1\n'))
    clock.advance(119_000)
    expect(reader.isLate()).toBe(false)
    clock.advance(2_000)
    expect(reader.isLate()).toBe(true)
    expect(reader.end(null, false)).toEqual({ t: 'over' })
  })

  it('is given a moment to say, over a new connection, what it did while there was none', () => {
    const clock = new FakeClock()
    const { reader } = reading([shStep('only', 'true', { timeoutMs: 1_000 })], clock)
    reader.restart()
    reader.push(Buffer.from('begin 0 1.00\n'))
    clock.advance(300_000)
    reader.restart()
    clock.advance(29_000)
    expect(reader.isLate()).toBe(false)
    reader.push(Buffer.from('begin 0 1.00\nend 0 0 1.90 0\nover 1\n'))
    expect(reader.end(0, false)).toEqual({ t: 'over' })
  })

  it('H40: keeps no more records than its steps have, also those that wait for output', () => {
    const { items, reader } = reading()
    const before = process.memoryUsage().heapUsed
    const chunk = Buffer.from('end 0 0 1.50 999999999999999\n'.repeat(2_000))
    reader.push(Buffer.from('begin 0 1.00\n'))
    for (let i = 0; i < 500; i++) reader.push(chunk)
    expect(reader).toMatchObject({ isBroken: true, isFlooded: true })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 << 20)
    expect(reader.end(null, false)).toEqual({ t: 'died' })
    expect(items.some((i) => i.t === 'end')).toBe(false)
  })

  it('of an earlier run is told without its data, of which only a bounded part is read', () => {
    const items: WireItem[] = []
    const steps = [shStep('first', 'true')]
    const reader = new ProgramReader(
      steps,
      (item) => items.push(item),
      () => 0,
      boundsOfFound(steps),
    )
    reader.push(Buffer.from('begin 0 1.00\ndata 0 3 0\nabc\nend 0 0 1.50 0\nover 1\n'))
    expect(reader.end(0, false)).toEqual({ t: 'over' })
    reader.restart()
    reader.push(Buffer.from('begin 0 1.00\ndata 0 900000000 0\n'))
    expect(reader.isFlooded).toBe(true)
  })
})

/** Both streams in small pieces, in the order that `order` says (true: a piece of the records). */
function feed(reader: ProgramReader, rec: Buffer, live: Buffer, size: number, order: readonly boolean[]): void {
  let r = 0
  let l = 0
  for (let i = 0; r < rec.length || l < live.length; i++) {
    if (((order[i] ?? true) && r < rec.length) || l >= live.length) {
      reader.push(rec.subarray(r, r + size))
      r += size
    } else {
      reader.live(live.subarray(l, l + size))
      l += size
    }
  }
}
