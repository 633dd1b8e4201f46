import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { reportJsonSchema } from '../../../src/report/report-json-schema'

test('schema/report.schema.json is what the types say (else: npm run schema)', () => {
  expect(readFileSync('schema/report.schema.json', 'utf8')).toBe(reportJsonSchema())
})
