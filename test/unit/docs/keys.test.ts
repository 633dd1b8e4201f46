import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyTable } from '../../../scripts/key-table'

it('docs/keys.md says what the schema says: `npm run schema` makes it anew', () => {
  expect(readFileSync(join(import.meta.dirname, '../../../docs/keys.md'), 'utf8')).toBe(keyTable())
})
