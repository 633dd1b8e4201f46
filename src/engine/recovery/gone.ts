import type { NotedPart } from '../../host/program-note'
import { releaseCommand } from '../../show/own-command'
import type { HostContext } from '../host-context'
import { driversSince } from './parts'
import type { Progress } from './progress'
import { appsGone } from './rest'

/**
 * Compares what an earlier run took the host out by with the file of today, and tells what differs. A driver of the host
 * itself that is named no more is undone by what lies on its own disk. A sentence: one at another place is, about which no
 * disk of this host has a say; nothing is done there, and the host has to be held.
 */
export function whatIsGone(x: HostContext, p: Progress): string | null {
  const since = (p.parts ?? []).map((parts) => driversSince(x.host, parts))
  const gone = since.flatMap((one) => one.gone)
  const changed = new Set(since.flatMap((one) => one.changed))
  const { file } = x.run
  const warn = (sentence: string) => x.tell({ type: 'warning', sentence })
  for (const place of changed)
    warn(`${driverAt(place)} says something else than when run ${p.run} drained the host: ${file} of today is gone by`)
  for (const app of appsGone(x, p))
    warn(`${file} no longer names the application ${app}, which run ${p.run} was to deploy: it stays as it is`)
  const foreign = gone.find((part) => part.name !== 'host' || part.isSecret)
  x.known.hasOwnUndos = gone.some((part) => part.name === 'host' && !part.isSecret)
  return foreign === undefined ? null : sentenceOf(x, p, foreign)
}

const driverAt = (place: string) => (place === 'host' ? 'the command driver' : `the command driver on ${place}`)

function sentenceOf({ host, run }: HostContext, p: Progress, { name, isSecret }: NotedPart): string {
  const line = host.lines['stages.drain.traffic'] ?? host.line
  const where = line === null ? run.file : `${run.file} line ${line}`
  const secret = name === 'host' && isSecret ? ', whose undo needs a secret' : ''
  return `run ${p.run} drained ${host.name} through ${driverAt(name)}${secret}, which ${where} no longer names, so nothing was done there: restore the entry, or put traffic back by hand and run \`${releaseCommand(host.name)}\``
}
