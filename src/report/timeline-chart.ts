import { forHtml } from '../show/for-html'

const SECTION = /^ {2}section ([a-z0-9][a-z0-9._-]{0,62})$/
const BAR = /^ {2}([a-z]+) :(?:(done|crit), )?(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}), (\d{1,9})s$/

interface Bar {
  readonly row: number
  readonly stage: string
  readonly isBad: boolean
  readonly fromS: number
  readonly seconds: number
}

const ROW = 26
const LABEL = 120
const WIDTH = 720

/**
 * The timeline of a summary as a picture, where nobody draws mermaid. It reads only lines as `timelineSection` writes
 * them; null for any other chart. Pure.
 */
export function timelineChart(mermaid: string): string | null {
  const hosts: string[] = []
  const bars: Bar[] = []
  for (const line of mermaid.split('\n')) {
    const host = SECTION.exec(line)?.[1]
    if (host !== undefined) hosts.push(host)
    const [, stage, status, start, seconds] = BAR.exec(line) ?? []
    if (stage === undefined || start === undefined || hosts.length === 0) continue
    const fromS = Date.parse(`${start.replace(' ', 'T')}Z`) / 1000
    bars.push({ row: hosts.length - 1, stage, isBad: status === 'crit', fromS, seconds: Number(seconds) })
  }
  return bars.length === 0 || bars.some((bar) => Number.isNaN(bar.fromS)) ? null : drawn(hosts, bars)
}

function drawn(hosts: readonly string[], bars: readonly Bar[]): string {
  const beganS = Math.min(...bars.map((bar) => bar.fromS))
  const endedS = Math.max(...bars.map((bar) => bar.fromS + bar.seconds))
  const scale = (WIDTH - LABEL) / (endedS - beganS)
  const names = hosts.map((host, row) => `<text x="0" y="${row * ROW + 17}">${forHtml(host)}</text>`)
  const rects = bars.map((bar) => {
    const x = (LABEL + (bar.fromS - beganS) * scale).toFixed(1)
    const width = Math.max(2, bar.seconds * scale - 1).toFixed(1)
    const about = `${bar.stage}, ${bar.seconds} s${bar.isBad ? ', failed' : ''}`
    return `<rect class="${bar.isBad ? 'bad' : 'stage'}" x="${x}" y="${bar.row * ROW + 4}" width="${width}" height="${ROW - 8}" rx="3"><title>${forHtml(about)}</title></rect>`
  })
  const height = hosts.length * ROW + 22
  const axis = `<text class="axis" x="${LABEL}" y="${height - 4}">0 s</text><text class="axis" x="${WIDTH}" y="${height - 4}" text-anchor="end">${endedS - beganS} s</text>`
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Stages of each host over time">${names.join('')}${rects.join('')}${axis}</svg>\n`
}
