import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, nothingToRepair, type Repair } from './fault'
import type { Fleet } from './fleet'
import { whenPoint } from './journal-file'
import { passLeaseTime } from './lease-time'
import { helperWitness, lookAtAll } from './look'
import { momentNamed, whenMoment } from './moments'
import { PitstopRun, type RunWant } from './pitstop-run'
import { HELPER, STRUCK, TARGETS, type Variant, writeWorkspace } from './scenario'
import type { SceneRecord } from './scene-record'
import { Users } from './users'

/** One strike of a campaign: which fault, where, and what comes after. */
export interface StrikeWant {
  readonly variant: Variant
  /** null: nothing is struck; shows that the scene itself keeps every promise. */
  readonly fault: Fault | null
  /** Name of an event of the struck host, or of a moment behind one; null with no fault. */
  readonly point: string | null
  readonly isBroken: boolean
  readonly secondMode: 'run' | 'recover'
  /** Only the struck host, where the other one would only take time. */
  readonly alone: boolean
}

export interface Struck {
  /** null: the run ended before the event came. */
  readonly record: SceneRecord | null
  /** Machines on which a lease was left and ten minutes were taken off it. */
  readonly leased: readonly string[]
  readonly seconds: number
}

const RUN_TIMEOUT_MS = 900_000
const LAST_LOOK_MS = 300

/** Fresh hosts, a run, the strike, what a person would repair, a second run, and a look from outside at what became of it. */
export async function strike(want: StrikeWant, fleet: Fleet, bundle: string, workspace: string): Promise<Struck> {
  const began = performance.now()
  await fleet.reset({ isBroken: want.isBroken, uses: usedBy(want) })
  await writeWorkspace(workspace, fleet.lab, want.variant)
  const users = new Users(fleet.lab)
  try {
    return await struck(want, fleet, { bundle, workspace, lab: fleet.lab, timeoutMs: RUN_TIMEOUT_MS }, users, began)
  } finally {
    await users.stop()
  }
}

async function struck(
  want: StrikeWant,
  fleet: Fleet,
  base: Omit<RunWant, 'mode' | 'reportDir'>,
  users: Users,
  began: number,
): Promise<Struck> {
  const { lab } = fleet
  const seconds = () => (performance.now() - began) / 1000
  const run = new PitstopRun({ ...base, mode: 'run', reportDir: 'first', ...(want.alone ? { hosts: STRUCK } : {}) })
  const repair = await strikeAt(want, fleet, run)
  const first = await run.ended
  if (repair === null) return { record: null, leased: [], seconds: seconds() }
  const killed = want.fault?.killsRunner === true
  const afterFirst = killed ? null : await lookAtAll(lab, want.variant)
  await repair()
  await Promise.all(lab.hosts.map((host) => host.whenUp()))
  const leased = await passLeaseTime(lab)
  const ofOne = want.alone && want.secondMode === 'run' ? { hosts: STRUCK } : {}
  const again = new PitstopRun({ ...base, mode: want.secondMode, reportDir: 'second', ...ofOne })
  const second = await again.ended
  await sleep(LAST_LOOK_MS)
  const seen = await users.stop()
  const afterSecond = await lookAtAll(lab, want.variant)
  const helper = await helperWitness(lab)
  const { variant, fault, point, isBroken, secondMode, alone } = want
  const about = { variant, fault, point, isBroken, secondMode, alone }
  return { record: { ...about, first, afterFirst, second, afterSecond, helper, seen }, leased, seconds: seconds() }
}

/** A recover of all hosts looks at the other one too, and leaves it as it is. */
function usedBy({ variant, alone }: StrikeWant): readonly string[] {
  return [...(variant === 'balancer' ? [HELPER] : []), ...(alone ? [STRUCK] : TARGETS)]
}

/** null: the event never came. */
async function strikeAt(want: StrikeWant, { lab }: Fleet, run: PitstopRun): Promise<Repair | null> {
  if (want.fault === null || want.point === null) return nothingToRepair
  const [host, moment] = [lab.host(STRUCK), momentNamed(want.point)]
  const there = await whenPoint(run.journalPath, moment?.behind ?? want.point, run.over)
  if (there === 'never' || (moment !== undefined && !(await whenMoment(host, moment)))) return null
  return want.fault.strike({ lab, host, run })
}

/** A folder of this lab's own, below the campaign's: another process may be at work in the same one. */
export function workspaceOf(folder: string, fleetNumber: number): string {
  return join(folder, `workspace-${process.pid}-${fleetNumber}`)
}
