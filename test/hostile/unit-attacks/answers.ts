import { expect } from 'vitest'
import { readStoredFacts } from '../../../src/facts/stored-forms'
import { BetweenMarks } from '../../../src/host/between-marks'
import { parseAnswers } from '../../../src/host/question'
import { sh } from '../../../src/shell/sh'
import { deepJson } from '../rogue-disk'
import type { UnitAttack } from './unit-attack'

const QUESTIONS = [
  { id: 'a', sh: sh`true`, cap: 100 },
  { id: 'b', sh: sh`true`, cap: 100 },
]

/** No answer in them may count as one with an exit code. */
const FRAMES: Readonly<Record<string, readonly [string, string]>> = {
  nothing: ['nothing', ''],
  over: ['that it is over', 'over\n'],
  'no-size': ['a frame without a size', '0\nx0\n'],
  negative: ['a frame of a negative size', '0 -2\nx0\n'],
  huge: ['a frame of a million million bytes', '0 999999999999\nx0\n'],
  'too-long': ['a frame longer than what comes', '0 50\nx0\n'],
  'too-short': ['a frame shorter than what comes', '0 1\nx0\n'],
  'no-code': ['a frame without an exit code', '0 2\nok\n'],
  'code-text': ['an exit code that is a word', '0 3\nxok\n'],
  'code-long': ['an exit code of four digits', '0 5\nx0000\n'],
  'code-negative': ['a negative exit code', '0 3\nx-1\n'],
  'code-blank': ['an exit code with a blank', '0 3\nx 0\n'],
  'index-huge': ['an answer to a question that nobody asked', '999999 2\nx0\n'],
  'index-long': ['an index of seven digits', '0000000 2\nx0\n'],
  'index-text': ['an index that is a word', '__proto__ 2\nx0\n'],
  crlf: ['lines that end as on another system', '0 2\r\nx0\r\n'],
}

const MARKS: Readonly<Record<string, readonly [string, (token: string) => string]>> = {
  none: ['no marks', () => 'hello\n'],
  foreign: ['marks of its own', () => `\n@${'0'.repeat(32)}\nhello#${'0'.repeat(32)} 0\n`],
  'no-begin': ['only the mark of the end', (t) => `hello#${t} 0\n`],
  'no-end': ['only the mark of the beginning', (t) => `\n@${t}\nhello`],
  'no-code': ['an end without an exit code', (t) => `\n@${t}\nhello#${t} \n`],
  'code-text': ['an end with a word for an exit code', (t) => `\n@${t}\nhello#${t} ok\n`],
  'code-long': ['an exit code of a thousand digits', (t) => `\n@${t}\nhello#${t} ${'0'.repeat(1_000)}\n`],
  'code-open': ['an exit code that does not end', (t) => `\n@${t}\nhello#${t} 12`],
  'begin-inside': ['the mark of the beginning inside a line', (t) => `x@${t}\nhello#${t} 0\n`],
}

const BASELINES: Readonly<Record<string, readonly [string, string]>> = {
  torn: ['half of JSON', '{"units":{"ok":true'],
  text: ['no JSON', 'owned'],
  null: ['null', 'null'],
  number: ['a number', '5'],
  deep: ['JSON a hundred thousand levels deep', deepJson(100_000)],
}

export const answerAttacks: readonly UnitAttack[] = [
  ...Object.entries(FRAMES).map(([id, [what, text]]) => ({
    id: `frame-${id}`,
    where: 'answer' as const,
    does: `answers questions by ${what}`,
    must: 'both answers are unknown',
    holds: () => expect(parseAnswers(Buffer.from(text), QUESTIONS).map((a) => a.rc)).toEqual([null, null]),
  })),
  ...Object.entries(MARKS).map(([id, [what, text]]) => ({
    id: `marks-${id}`,
    where: 'answer' as const,
    does: `puts ${what} around its answer`,
    must: 'the answer is not over',
    holds: () => {
      const marks = new BetweenMarks('a'.repeat(32))
      marks.push(Buffer.from(text('a'.repeat(32))))
      expect(marks.isOver).toBe(false)
    },
  })),
  ...Object.entries(BASELINES).map(([id, [what, text]]) => ({
    id: `baseline-${id}`,
    where: 'file' as const,
    does: `keeps ${what} as its baseline`,
    must: 'nothing is compared with it, no fact is taken from it',
    holds: () => expect(Object.keys(readStoredFacts(text)?.toJSON() ?? {})).toEqual([]),
  })),
  {
    id: 'baseline-prototype',
    where: 'file',
    does: 'keeps a baseline that names __proto__',
    must: 'no object of the runner is changed',
    holds: () => {
      readStoredFacts('{"__proto__":{"ok":true,"value":"owned"},"constructor":{"ok":true}}')
      expect(Object.hasOwn(Object.prototype, 'ok')).toBe(false)
      expect(({} as Record<string, unknown>).ok).toBeUndefined()
    },
  },
]
