import { expect, it } from 'vitest'
import { foreignUndos } from '../../../src/modes/orphans'

const known = new Set(['web-1', 'web-10', 'db.internal'])

it('the undo of a host that is in the file is none of a stranger, whatever names look alike', () => {
  const listing =
    '000007-0000-web-1-drain-2-0.sh\n000007-0001-web-10-drain-2-0.sh\n000007-0002-db.internal-drain-3-1.sh\n'
  expect(foreignUndos(listing, known)).toEqual([])
})

it('the undo of a host that is not in the file is named', () => {
  expect(foreignUndos('000007-0000-web-2-drain-2-0.sh\n', known)).toEqual([
    { host: 'web-2', file: '000007-0000-web-2-drain-2-0.sh' },
  ])
})

it.each(['000007-0000-web-2-drain-2-0.done', '000007-0000-drain-2-0.sh', 'x$(id)-0-web-2-drain-1-0.sh', '', 'readme'])(
  'what is done, of the helper itself, or not ours is nothing (%s)',
  (file) => {
    expect(foreignUndos(`${file}\n`, known)).toEqual([])
  },
)
