import { counted } from '../show/duration'
import { markdownBlock, markdownSpan } from '../show/for-markdown'
import type { HostRecord, StageRecord, StepRecord } from './host-record'
import { listSection, type SummaryInput } from './summary-section'

const LONGEST_TAIL = 1_500
const MOST_LINES = 12

/** Every step that failed or was cut, with the end of what it said. */
export function failedStepSection({ record, hosts, disclose }: SummaryInput): string {
  const lines = hosts.flatMap(({ name }) => {
    const failed = failedSteps(record.hosts.get(name))
    if (failed.length === 0) return []
    if (disclose !== 'full') return [`- **${name}** ${counted(failed.length, 'step')}`]
    return failed.map(([stage, step]) => stepLines(name, stage, step))
  })
  return listSection('Steps that failed', lines, 50)
}

function failedSteps(host: HostRecord | undefined): readonly (readonly [string, StepRecord])[] {
  const stages: readonly (readonly [string, StageRecord])[] = [...(host?.stages ?? [])]
  return stages.flatMap(([stage, { steps }]) =>
    steps
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')
      .map((step) => [stage, step] as const),
  )
}

function stepLines(host: string, stage: string, { title, outcome, exitCode, tail }: StepRecord): string {
  const exit = exitCode === null ? '' : `, exit code ${exitCode}`
  const said = tail.trim().split('\n').slice(-MOST_LINES).join('\n')
  const told = `- ❌ **${host}** ${outcome} in ${stage}: ${markdownSpan(title)}${exit}`
  return said === '' ? told : [told, '', ...indented(markdownBlock(said, LONGEST_TAIL)), ''].join('\n')
}

/** Below the item of the list that it belongs to. */
function indented(block: string): readonly string[] {
  return block.split('\n').map((line) => `  ${line}`)
}
