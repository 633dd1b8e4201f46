import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { countsBlock, everyAttack, tablePage, withBlock } from './table'

const docs = join(import.meta.dirname, '../../docs')

it('there are at least three hundred attacks, at least sixty of them end to end, and no two are one', () => {
  const { unit, scene } = everyAttack
  expect(unit.length + scene.length).toBeGreaterThanOrEqual(300)
  expect(scene.length).toBeGreaterThanOrEqual(60)
  const all = [...unit, ...scene]
  const rows = all.map((attack) => `${attack.does}|${attack.must}`)
  expect(new Set(all.map((attack) => attack.id)).size).toBe(all.length)
  expect(rows.filter((row, i) => rows.indexOf(row) !== i)).toEqual([])
})

// Written anew by `npx vitest run --project unit test/hostile/table.test.ts -u`.
it('docs/attacks.md lists them all', async () => {
  await expect(tablePage()).toMatchFileSnapshot(join(docs, 'attacks.md'))
})

it('docs/security.md counts them as they are', async () => {
  const page = join(docs, 'security.md')
  await expect(withBlock(readFileSync(page, 'utf8'), countsBlock())).toMatchFileSnapshot(page)
})
