import { markdownSpan } from '../show/for-markdown'
import type { Disclosure } from './disclose'
import { isUnchanged, type ValueChange } from './file-change'
import { namedFileBlocks, namedFileLines } from './named-file'
import type { Change } from './plan-view'

const MOST_LINES = 40

/** What a reviewer of a pull request looks at first: what the change does to hosts, stages and checks. */
export function changeSection(change: Change | null, file: string, disclose: Disclosure): string {
  if (change === null) return ''
  const title = `### What changes in ${markdownSpan(file)}`
  if (!change.known) return `${title}\n\nNot known: ${markdownSpan(change.why)}`
  const { hostsAdded, hostsRemoved, hostsChanged, checks, stages, rest } = change.change
  const { files = [] } = change
  if (isUnchanged(change.change) && files.length === 0)
    return `${title}\n\nNothing: what it says is the same as in the base, and so is every file it names.`
  const lines = [
    ...hostsAdded.map((name) => `- ➕ host ${markdownSpan(name, 80)}`),
    ...hostsRemoved.map((name) => `- ➖ host ${markdownSpan(name, 80)}`),
    ...hostsChanged.flatMap(({ name, changes }) =>
      changes.map((one) => `- host ${markdownSpan(name, 80)}: ${valueLine(one)}`),
    ),
    ...checks.map((one) => `- check ${valueLine(one)}`),
    ...[...stages, ...rest].map((one) => `- ${valueLine(one)}`),
  ]
  const named = namedFileLines(files)
  const blocks = namedFileBlocks(files, disclose).flatMap((block) => ['', block])
  const more = lines.length > MOST_LINES ? [`- … and ${lines.length - MOST_LINES} more changes`] : []
  return [title, '', ...named, ...lines.slice(0, MOST_LINES), ...more, ...blocks].join('\n')
}

function valueLine({ path, from, to }: ValueChange): string {
  const where = markdownSpan(path, 120)
  if (from === null) return `➕ ${where} ${markdownSpan(to ?? '', 200)}`
  if (to === null) return `➖ ${where} ${markdownSpan(from, 200)}`
  return `${where} ${markdownSpan(from, 120)} → ${markdownSpan(to, 120)}`
}
