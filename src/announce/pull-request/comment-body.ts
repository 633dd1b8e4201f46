import { createHash } from 'node:crypto'

/** GitHub takes 65,536 characters; bytes are counted here, which are never fewer. */
export const MOST_COMMENT_BYTES = 65_536

/** The first line of our comment on a maintenance file: it finds the comment again, and is not shown. */
export function commentMarker(file: string): string {
  return `<!-- pitstop plan ${createHash('sha256').update(file).digest('hex').slice(0, 16)} -->`
}

/** Marker, then as many whole sections as fit, the first ones first. What is left out is said, with the way to it. Pure. */
export function commentBody(file: string, sections: readonly string[], runUrl: string | null): string {
  const rest = `The rest is in the ${runUrl === null ? 'summary of the run' : `[summary of the run](${runUrl})`}.`
  const room = MOST_COMMENT_BYTES - Buffer.byteLength(rest) - 2
  const kept = [commentMarker(file)]
  let bytes = Buffer.byteLength(kept[0] ?? '')
  for (const section of sections.filter((text) => text !== '')) {
    bytes += Buffer.byteLength(section) + 2
    if (bytes > room) return [...kept, rest].join('\n\n')
    kept.push(section)
  }
  return kept.join('\n\n')
}
