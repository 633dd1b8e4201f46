import { expect, test } from 'vitest'
import { commentBody, commentMarker, MOST_COMMENT_BYTES } from '../../../../src/announce/pull-request/comment-body'

test('a comment begins with the marker of its file', () => {
  expect(commentBody('a.yml', ['## plan', '', 'text'], null)).toBe(`${commentMarker('a.yml')}\n\n## plan\n\ntext`)
  expect(commentMarker('a.yml')).not.toBe(commentMarker('b.yml'))
})

test('a marker cannot be broken by the name of a file', () => {
  expect(commentMarker('a --> <b>')).toMatch(/^<!-- pitstop plan [0-9a-f]{16} -->$/)
})

test('what does not fit is left out whole, the last first, and the run is named', () => {
  const sections = ['first', 'é'.repeat(32_000), '```\nwhole\n```'.repeat(500), 'last']
  const body = commentBody('a.yml', sections, 'https://github.com/acme/ops/actions/runs/1')
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MOST_COMMENT_BYTES)
  expect(body).toContain('first')
  expect(body).not.toContain('whole')
  expect(body.endsWith('The rest is in the [summary of the run](https://github.com/acme/ops/actions/runs/1).')).toBe(
    true,
  )
})
