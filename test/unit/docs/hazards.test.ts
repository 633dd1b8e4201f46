import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const tests = join(import.meta.dirname, '../..')
const HAZARDS = Array.from({ length: 45 }, (_, i) => `H${i + 1}`)

/** Titles of tests and of their groups, and rows that give one. */
const titles = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.endsWith('hazards.test.ts'))
  .flatMap(
    (name) => readFileSync(join(tests, name), 'utf8').match(/["'`](?:[^"'`\n]*[ (])?H\d+(?:, H\d+)*: [^\n]*/g) ?? [],
  )

it.each(HAZARDS)('%s has a test that bears its number', (hazard) => {
  expect(titles.some((title) => new RegExp(`\\b${hazard}\\b`).test(title.slice(0, 80)))).toBe(true)
})
