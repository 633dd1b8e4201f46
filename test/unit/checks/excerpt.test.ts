import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, excerpt } from '../../../src/checks/excerpt'

describe('an excerpt of a body', () => {
  it('is quoted, on one line, without control and bidi characters', () => {
    expect(excerpt(Buffer.from('a\r\n\u001b[31mred\u202e\u0000\u0085 b'))).toBe('"a [31mred b"')
  })

  it('shows bytes that are no text as replacement characters', () => {
    expect(excerpt(Uint8Array.of(0x6f, 0x6b, 0xff, 0xfe))).toBe('"ok��"')
  })

  it('is nothing for a body that shows nothing', () => {
    expect(excerpt(Buffer.from(' \n\u200b'))).toBe('')
  })

  it('is never longer than allowed and never carries a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, most) => {
        const clean = cleanText(text, most)
        expect([...clean].length).toBeLessThanOrEqual(most)
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})
