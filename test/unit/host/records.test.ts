import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rec, RecordParser } from '../../../src/host/records'

const ROOMY = { records: 1_000, dataBytes: () => 2 ** 21 }

/** Bytes as a program writes them: `data` frames hold whatever a step printed. */
function encode(outputs: readonly Uint8Array[]): Buffer {
  const parts: (Buffer | Uint8Array)[] = [Buffer.from('pitstop 1 run-1 update-0 b00t 12.34\n')]
  outputs.forEach((bytes, n) => {
    parts.push(Buffer.from(`begin ${n} 12.50\ndata ${n} ${bytes.length} 0\n`), bytes, Buffer.from('\n'))
    parts.push(Buffer.from(`end ${n} 0 13.00 ${n}\n`))
  })
  parts.push(Buffer.from(`over ${outputs.length}\n`))
  return Buffer.concat(parts)
}

function decode(bytes: Buffer, cuts: readonly number[]): { records: Rec[]; broken: boolean } {
  const parser = new RecordParser(ROOMY)
  const at = [...new Set([0, ...cuts.map((c) => c % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  const records = at.slice(1).flatMap((end, i) => parser.push(bytes.subarray(at[i], end)))
  return { records, broken: parser.broken }
}

const HOSTILE = ['over 1\n', 'end 0 0 1.00 1\n', 'begin 1 -\n', 'data 0 3 0\nabc\n', '\n', 'lease-lost\n', '\0', '\r\n']
const hostileBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...HOSTILE).map((t) => Buffer.from(t)),
    ),
  )
  .map((parts) => Buffer.concat(parts))

describe('records of a program', () => {
  it('are the same whatever a step printed and however the stream was cut', () => {
    fc.assert(
      fc.property(fc.array(hostileBytes, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 30 }), (outputs, cuts) => {
        const { records, broken } = decode(encode(outputs), cuts)
        expect(broken).toBe(false)
        expect(records.map((r) => r.t)).toEqual(['head', ...outputs.flatMap(() => ['begin', 'data', 'end']), 'over'])
        const data = records.flatMap((r) => (r.t === 'data' ? [r.bytes] : []))
        expect(data.map((d) => d.toString('hex'))).toEqual(outputs.map((o) => Buffer.from(o).toString('hex')))
      }),
    )
  })

  it('hold megabytes of one line as data', () => {
    const line = Buffer.alloc(1 << 20, 0x61)
    const { records, broken } = decode(encode([line]), [5_000, 500_000, 1_000_000])
    expect(broken).toBe(false)
    const data = records.find((r) => r.t === 'data')
    expect(data?.t === 'data' && data.bytes.equals(line)).toBe(true)
  })

  it.each([
    ['an unknown word', 'begin 0 1.00\nfinished 0\nover 1\n', 1],
    ['a negative number', 'begin -1 1.00\n', 0],
    ['a word after the end of a record', 'over 1 and more\n', 0],
    ['a frame longer than it says', 'data 0 2 0\nabc\nover 1\n', 0],
    ['a frame shorter than it says', 'data 0 9 0\nabc\nover 1\n', 0],
    ['a line without end', 'x'.repeat(2_000), 0],
    ['a control character', 'begin 0 1.00\r\n', 0],
  ])('are believed no further than %s', (_, text, before) => {
    const parser = new RecordParser(ROOMY)
    const records = [...parser.push(Buffer.from(text)), ...parser.push(Buffer.from('over 1\n'))]
    expect(records).toHaveLength(before)
    expect(records.some((r) => r.t === 'over')).toBe(false)
  })

  it.each([
    ['a frame of a terabyte', 'begin 0 1.00\ndata 0 999999999999 0\n'],
    ['a frame longer than its step may print', 'begin 0 1.00\ndata 0 101 0\n'],
    ['a frame of a step that prints no data', 'begin 0 1.00\ndata 1 1 0\n'],
    ['more records than the program has', 'begin 0 1.00\n'.repeat(5)],
  ])('H40: are not read, and what follows is not kept, after %s', (_, text) => {
    const parser = new RecordParser({ records: 4, dataBytes: (n) => (n === 0 ? 100 : 0) })
    parser.push(Buffer.from(text))
    expect(parser).toMatchObject({ broken: true, flooded: true })
    const before = process.memoryUsage().arrayBuffers
    const chunk = Buffer.alloc(1 << 20, 'x')
    for (let i = 0; i < 64; i++) expect(parser.push(chunk)).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
  })

  it('H40: take a frame that comes byte by byte in time that grows with its length alone', () => {
    const took = (bytes: number) => {
      const all = Buffer.from(`data 0 ${bytes} 0\n${'x'.repeat(bytes)}\n`)
      const parser = new RecordParser(ROOMY)
      const began = performance.now()
      let records: Rec[] = []
      for (let i = 0; i < all.length; i++) records = parser.push(all.subarray(i, i + 1))
      expect(records).toHaveLength(1)
      return performance.now() - began
    }
    took(50_000)
    const [small, large] = [took(100_000), took(400_000)]
    // Quadratic copying makes it sixteen times as long, and more.
    expect(large / small).toBeLessThan(10)
  })

  it('H32: end before a torn last line, which is not taken', () => {
    const { records, broken } = decode(Buffer.from('begin 0 1.00\nend 0 0 2.0'), [])
    expect(records.map((r) => r.t)).toEqual(['begin'])
    expect(broken).toBe(false)
  })
})
