import { bootId } from '../facts/boot-id'
import { readFacts } from '../facts/read'
import type { HostState } from '../host/state'
import type { RebootStep, ShStep, StageName, StepResult } from '../plan/step'
import { type Sh, sh } from '../shell/sh'
import { pause } from './clock'
import type { HostContext } from './host-context'
import { noteOf } from './program-note'
import { tellBegin, tellEnd } from './step-events'
import type { StepsEnd } from './steps-end'

/** How long sshd may take to close our connection once the reboot is ordered, before we drop it ourselves. */
const GOING_DOWN_MS = 30_000
/** A host that goes down has closed the connection by then. */
const STAYS_UP_MS = 5_000

/**
 * One reboot, proved by a new boot id that stays for `stableMs`. Before it a complete fresh login must work (H33), and
 * the boot id must be readable: what cannot be proved later is not begun.
 * @param login what `whyNoLogin` found, or will find
 */
export async function reboot(
  x: HostContext,
  stage: StageName,
  step: RebootStep,
  state: Partial<HostState>,
  login: Promise<string | null>,
): Promise<StepsEnd> {
  const began = x.clock.monotonicMs()
  tellBegin(x, stage, step)
  const end = await attempt(x, stage, step, state, login)
  const outcome = end.t === 'ok' ? 'done' : end.t === 'failed' ? 'failed' : 'interrupted'
  const durationMs = Math.round(x.clock.monotonicMs() - began)
  tellEnd(x, stage, step, {
    id: step.id,
    outcome,
    exitCode: end.t === 'ok' ? 0 : null,
    durationMs,
    output: '',
    truncated: false,
    tail: '',
  })
  return end
}

async function attempt(
  x: HostContext,
  stage: StageName,
  step: RebootStep,
  state: Partial<HostState>,
  login: Promise<string | null>,
): Promise<StepsEnd> {
  const fail = (reason: string): StepsEnd => ({ t: 'failed', step: step.id, reason })
  const [before, broken] = await Promise.all([readBootId(x), login])
  if (before === null)
    return fail('the boot id of the host cannot be read, so a reboot could not be proved: not rebooted')
  if (broken !== null) return fail(`not rebooted: a fresh login does not work (${broken})`)
  x.tell({ type: 'reboot.ordered', bootId: before })
  x.known.reboot = { ...x.known.reboot, bootIdBefore: before }
  const refused = await order(x, stage, step, state)
  if (x.signal.aborted) return { t: 'cancelled' }
  if (refused === 'no-space')
    return fail('the disk of the host does not take the order to reboot: it is full or read-only')
  if (refused !== null && (await isStillUp(x, before))) return notOrdered(x, stage, step, refused)
  return comeBack(x, step, before)
}

/** systemctl may lose the bus while the host goes down already: only a host that stays up after a no has refused. */
async function isStillUp(x: HostContext, before: string): Promise<boolean> {
  const closed = await Promise.race([
    x.machine.closed.then(() => true),
    pause(x.clock, STAYS_UP_MS, x.signal).then(() => false),
  ])
  return !closed && (await readBootId(x)) === before
}

/** The host said no in its own words, and goes on as it was: its services may come back. */
function notOrdered(x: HostContext, stage: StageName, step: RebootStep, order: StepResult): StepsEnd {
  const said = order.tail.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  const why = `the host refused to reboot: exit code ${order.exitCode}${said === '' ? '' : ` (${said})`}`
  const advice = 'Mend what refuses it (`systemctl status reboot.target`, `systemd-inhibit --list`), then run again.'
  x.tell({ type: 'observed', stage, what: { kind: 'finding', what: why, severity: 'warn', advice } })
  return { t: 'failed', step: step.id, reason: why, leftAsItWas: true }
}

/** logind keeps to itself why it refuses: of a masked target systemctl has only heard "Access denied". */
const whyRefused: Sh = sh`[ "$(systemctl show -p LoadState --value reboot.target)" != masked ] || echo 'Unit reboot.target is masked' >&2`

/** null: a complete fresh login works. Users are away by now, so it is tried beside whatever else comes before a reboot. */
export function whyNoLogin(x: HostContext): Promise<string | null> {
  return x.machine.freshLogin(x.signal).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

/**
 * The order is a program like any other: its intent is on the disk, and it is given once. `no-space`: it was not given; a
 * result: it was given, and the host said no.
 */
async function order(
  x: HostContext,
  stage: StageName,
  step: RebootStep,
  state: Partial<HostState>,
): Promise<'no-space' | StepResult | null> {
  const run = sh`if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then systemctl reboot || { rc=$?; ${whyRefused}; (exit $rc); }; else shutdown -r now || reboot; fi`
  const order: ShStep = { ...step, do: 'sh', id: `${step.id}-order`, run, output: 'text', timeoutMs: 60_000 }
  const closed = x.machine.closed
  const id = `${stage}-${x.known.programs++}`
  const said: StepResult[] = []
  // Whether the program could still say "over" while the host went down proves nothing: the boot id does.
  const told = x.machine
    .run(
      { id, steps: [order], state, note: noteOf(x, stage, 'host', id, [order]) },
      (item) => item.t === 'end' && said.push(item.result),
      AbortSignal.any([x.signal, AbortSignal.timeout(GOING_DOWN_MS)]),
    )
    .then(({ t }) => t)
    .catch(() => null)
  const refused = told.then((t) => {
    const no = t === 'over' ? said.find(({ exitCode }) => exitCode !== null && exitCode !== 0) : undefined
    return t === 'no-space' ? t : (no ?? new Promise<never>(() => undefined))
  })
  return Promise.race([refused, closed.then(() => null), pause(x.clock, GOING_DOWN_MS, x.signal).then(() => null)])
}

async function comeBack(x: HostContext, step: RebootStep, before: string): Promise<StepsEnd> {
  const until = x.clock.monotonicMs() + step.timeoutMs
  const left = () => until - x.clock.monotonicMs()
  const seconds = Math.round(step.timeoutMs / 1000)
  const late = `the host did not come back within ${seconds} s of the reboot`
  let isStillUp = false
  for (;;) {
    if (x.signal.aborted) return { t: 'cancelled' }
    if (left() <= 0 && isStillUp)
      return { t: 'failed', step: step.id, reason: `the host answers, but did not reboot within ${seconds} s` }
    if (left() <= 0) return { t: 'lost', why: late }
    try {
      await x.machine.reconnect(x.signal, left())
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      // A changed host key ends the tries at once: then no time was up.
      return { t: 'lost', why: left() > 1_000 ? `after the reboot: ${why}` : `${late} (${why})` }
    }
    const now = await readBootId(x)
    if (now !== null && now !== before) return stable(x, step, before, now)
    // Still the old boot: the login was faster than the host's going down.
    isStillUp = now === before
    await pause(x.clock, 1_000, x.signal)
  }
}

async function stable(x: HostContext, step: RebootStep, before: string, after: string): Promise<StepsEnd> {
  // Where nobody waits here the lease is renewed in its turn: users wait for a host that boots.
  if (step.stableMs > 0) await Promise.all([x.machine.renewLease(x.signal), pause(x.clock, step.stableMs, x.signal)])
  if (x.signal.aborted) return { t: 'cancelled' }
  const now = step.stableMs > 0 ? await readBootId(x) : after
  if (now !== after)
    return {
      t: 'failed',
      step: step.id,
      reason: `the host did not stay up for ${Math.round(step.stableMs / 1000)} s after the reboot`,
    }
  x.known.reboot = { ...x.known.reboot, bootIdAfter: after }
  x.tell({ type: 'reboot.done', bootIdBefore: before, bootIdAfter: after })
  return { t: 'ok' }
}

async function readBootId(x: HostContext): Promise<string | null> {
  const id = (await readFacts(x.machine, [bootId], x.signal, x.clock)).get(bootId)
  return id.ok ? id.value : null
}
