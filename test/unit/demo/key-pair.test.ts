import ssh2 from 'ssh2'
import { expect, it } from 'vitest'
import { newKeyPair } from '../../../src/demo/key-pair'

/** A pair that cannot be read turned up once in 256. */
const PAIRS = 2000

it('makes key pairs that are read, each of them', () => {
  const unread = Array.from({ length: PAIRS }, () => newKeyPair('host')).filter((pair) =>
    [pair.private, pair.public].some((text) => ssh2.utils.parseKey(text) instanceof Error),
  )
  expect(unread).toEqual([])
})
