import { spokenDuration } from '../show/duration'
import { forHtml } from '../show/for-html'

const SECTION = /^ {2}section ([a-z0-9][a-z0-9._-]{0,62})$/
const BAR = /^ {2}([a-z]+) :(?:(done|crit), )?(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}), (\d{1,12})ms$/

interface Bar {
  readonly row: number
  readonly stage: string
  readonly isBad: boolean
  readonly fromMs: number
  readonly durationMs: number
}

/** What users notice of a stage, by the colours that the status page has for it. */
const LOOKS: readonly (readonly [look: string, stages: readonly string[], says: string])[] = [
  ['calm', ['prepare', 'monitor'], 'prepare, monitor'],
  ['work', ['drain', 'clean', 'update'], 'drain, clean, update'],
  ['check', ['verify'], 'verify'],
  ['back', ['golive'], 'go live'],
]
const BAD = ['bad', 'failed'] as const
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
    const [, stage, status, start, duration] = BAR.exec(line) ?? []
    if (stage === undefined || start === undefined || hosts.length === 0) continue
    const fromMs = Date.parse(`${start.replace(' ', 'T')}Z`)
    bars.push({ row: hosts.length - 1, stage, isBad: status === 'crit', fromMs, durationMs: Number(duration) })
  }
  return bars.length === 0 || bars.some((bar) => Number.isNaN(bar.fromMs)) ? null : drawn(hosts, bars)
}

function drawn(hosts: readonly string[], bars: readonly Bar[]): string {
  const beganMs = Math.min(...bars.map((bar) => bar.fromMs))
  const endedMs = Math.max(...bars.map((bar) => bar.fromMs + bar.durationMs))
  const scale = (WIDTH - LABEL) / (endedMs - beganMs)
  const names = hosts.map((host, row) => `<text x="0" y="${row * ROW + 17}">${forHtml(host)}</text>`)
  const rects = bars.map((bar) => {
    const x = (LABEL + (bar.fromMs - beganMs) * scale).toFixed(1)
    const width = Math.max(2, bar.durationMs * scale - 1).toFixed(1)
    const about = `${bar.stage}, ${spokenDuration(bar.durationMs)}${bar.isBad ? ', failed' : ''}`
    return `<rect class="${lookOf(bar)}" x="${x}" y="${bar.row * ROW + 4}" width="${width}" height="${ROW - 8}" rx="3"><title>${forHtml(about)}</title></rect>`
  })
  const height = hosts.length * ROW + 22
  const axis = `<text class="axis" x="${LABEL}" y="${height - 4}">0 s</text><text class="axis" x="${WIDTH}" y="${height - 4}" text-anchor="end">${spokenDuration(endedMs - beganMs)}</text>`
  const shown = new Set(bars.map(lookOf))
  const legend = [...LOOKS.map(([look, , says]) => [look, says] as const), BAD]
    .filter(([look]) => shown.has(look))
    .map(([look, says]) => `<span class="dot ${look}"></span>${says}`)
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Stages of each host over time">${names.join('')}${rects.join('')}${axis}</svg>
<p class="legend">${legend.join(' ')}</p>
`
}

function lookOf({ stage, isBad }: Bar): string {
  return isBad ? BAD[0] : (LOOKS.find(([, stages]) => stages.includes(stage))?.[0] ?? 'work')
}
