import type { HostConfig, MaintenanceFile } from '../config/schema'
import { unmetWindows } from '../config/ticks'
import { admission } from '../config/window'
import { isSkipped } from '../config/zone'
import { FailureLimit } from '../engine/failure-limit'
import { runFleet } from '../engine/fleet-run'
import { type Ending, runVerdict } from '../engine/verdict'
import { clientsOf } from '../fleet/clients'
import { admissionOf } from './host-window'
import { ledgerOpenings } from './ledgers'
import { OverdueHosts } from './overdue'
import { dueHosts, type RunContext, tellSkipped } from './run-context'

/** `mode: run`: every due host to its verdict, inside its window. */
export async function runMode(x: RunContext): Promise<Ending> {
  const due = dueHosts(x, x.io.clock.now())
  tellSkipped(x)
  const overdue = new OverdueHosts(x)
  const unmet = unmetWindows(x.file, x.selected, x.ticks, x.io.clock.now())
  for (const sentence of unmet) x.journal.append({ type: 'warning', sentence }, null)
  const shut = await refusedByWindow(x, [...due.values()])
  // In the sentence too, which is read everywhere: without it such a run is green for ever.
  if (shut !== null) return { ...shut, sentence: [shut.sentence, ...unmet].join('. ') }
  const ends = await runFleet(
    {
      groups: [...x.file.groups.values()],
      hosts: due,
      others: notSelected(x),
      admission: (host, usualMs) => {
        if (x.inputs.ignoreWindow) return { open: true }
        return admissionOf(host.window, x.io.clock.now(), { scheduled: x.event === 'schedule', p95Ms: usualMs })
      },
      clients: clientsOf(x.file.hosts),
      failures: failuresOfRun(x.file),
    },
    x.io,
  )
  overdue.tell()
  return runVerdict('run', [...ends.values()])
}

/** What the file itself says holds over all groups; of a share, over all hosts that it maintains. */
function failuresOfRun({ hosts, maxFailures, lineOf }: MaintenanceFile): FailureLimit | null {
  if (maxFailures === null) return null
  const targets = [...hosts.values()].filter((host) => host.maintain).length
  return new FailureLimit(maxFailures, targets, lineOf('rollout.max_failures'), ' over the whole run')
}

function notSelected(x: RunContext): ReadonlyMap<string, HostConfig> {
  const now = x.io.clock.now()
  const selected = new Set(x.selected.map((h) => h.name))
  const others = [...x.file.hosts.values()].filter(
    (h) => h.maintain && !selected.has(h.name) && !isSkipped(h.skip, h.window, now),
  )
  return new Map(others.map((h) => [h.name, h]))
}

/** Where no host could be admitted now, nobody is connected to: the run is refused with the reason of the window. */
async function refusedByWindow(x: RunContext, hosts: readonly HostConfig[]): Promise<Ending | null> {
  if (x.inputs.ignoreWindow || hosts.length === 0) return null
  const now = x.io.clock.now()
  const scheduled = x.event === 'schedule'
  const plain = hosts.map((h) => ({ host: h, at: admission(h.window, now, { scheduled }) }))
  if (plain.some(({ at }) => at.open)) return null
  const missed = plain.some(({ at }) => !at.open && at.why === 'missed')
  // Only the ledgers on the hosts know whether an opening that is over was used.
  const ledger = missed ? await ledgerOpenings(x, hosts) : new Set<string>()
  const judged = hosts.map((h) => ({ host: h, at: admission(h.window, now, { scheduled, ledger }) }))
  for (const { host, at } of judged) {
    if (at.open) continue
    x.journal.append(
      {
        type: 'host.ended',
        verdict: 'untouched',
        reason: at.sentence,
        rule: at.rule,
        lastMaintained: null,
        nextDue: x.io.nextDue(host)?.toISOString() ?? null,
        overrun: false,
      },
      host.name,
    )
  }
  const order = ['missed', 'freeze', 'too-early'] as const
  const reason = order.find((why) => judged.some(({ at }) => !at.open && at.why === why)) ?? 'too-early'
  const first = judged.find(({ at }) => !at.open && at.why === reason)?.at
  return {
    verdict: 'refused',
    reason,
    sentence: first !== undefined && !first.open ? first.sentence : 'the window is shut',
  }
}
