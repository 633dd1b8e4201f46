import { blockInhibitors } from '../facts/block-inhibitors'
import { clock } from '../facts/clock'
import type { Facts } from '../facts/fact'
import { failedUnits } from '../facts/failed-units'
import { firewallState } from '../facts/firewall-state'
import { kernelErrors } from '../facts/kernel-errors'
import { loggedIn } from '../facts/logged-in'
import { memory } from '../facts/memory'
import { netErrors } from '../facts/net-errors'
import { newestKernel } from '../facts/newest-kernel'
import { pressure } from '../facts/pressure'
import { rebootRequired } from '../facts/reboot-required'
import { runningJobs } from '../facts/running-jobs'
import { timeSync } from '../facts/time-sync'
import { units } from '../facts/units'
import type { Finding } from './stage'

/** Seconds of clock skew that are told, and those at which maintenance is refused (H28). */
const SKEW_WARNS_SECONDS = 30
export const SKEW_REFUSES_SECONDS = 300

/** What a careful admin would say about a host that was just looked at. Pure; a fact that is unknown says nothing here. */
export function findingsOf(facts: Facts): Finding[] {
  return [
    ...ofServices(facts),
    ...ofKernel(facts),
    ...ofReboot(facts),
    ...ofTime(facts),
    ...ofMemory(facts),
    ...ofPressure(facts),
    ...ofNetwork(facts),
    ...ofPeople(facts),
  ]
}

function warn(what: string, advice: string): Finding {
  return { what, severity: 'warn', advice }
}

function info(what: string, advice: string): Finding {
  return { what, severity: 'info', advice }
}

function named(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

function ofServices(facts: Facts): Finding[] {
  const failed = facts.or(failedUnits, [])
  const loops = facts
    .or(units, [])
    .filter((unit) => unit.sub === 'auto-restart')
    .map((unit) => unit.id)
  return [
    ...(failed.length > 0
      ? [
          warn(
            `failed units: ${named(failed)}`,
            'Look at `systemctl status` and the journal of each; verify only judges what fails anew.',
          ),
        ]
      : []),
    ...(loops.length > 0
      ? [
          warn(
            `restarted again and again: ${named(loops)}`,
            'The service crashes on its own; repair it before or during this maintenance.',
          ),
        ]
      : []),
  ]
}

function ofKernel(facts: Facts): Finding[] {
  const errors = facts.or(kernelErrors, { count: 0, last: [] })
  if (errors.count === 0) return []
  return [
    warn(
      `${errors.count} errors of the kernel since the boot, the last: ${errors.last.at(-1) ?? ''}`,
      'Errors of disks, memory or links are a reason to look at the hardware: `journalctl -k -p err`.',
    ),
  ]
}

function ofReboot(facts: Facts): Finding[] {
  const needed = facts.get(rebootRequired)
  const kernels = facts.get(newestKernel)
  const found: Finding[] = []
  if (needed.ok && needed.value.needed === 'yes') {
    const packages = needed.value.packages.length > 0 ? ` (asked for by ${named(needed.value.packages)})` : ''
    found.push(
      warn(
        `a reboot is pending: ${needed.value.why}${packages}`,
        'It is done in the update stage where `reboot` allows it.',
      ),
    )
  }
  if (!needed.ok || needed.value.needed === 'unknown') {
    const why = needed.ok ? needed.value.why : needed.why
    found.push(
      info(
        `whether a reboot is needed is not known: ${why}`,
        'An unknown need never reboots. Install needrestart, or use `reboot: always`.',
      ),
    )
  }
  if (kernels.ok && kernels.value.outdated === 'yes' && kernels.value.passedOver === true) {
    found.push(
      info(
        `an older kernel was started: ${kernels.value.why}`,
        'No reboot is made for that alone. If the kernel is not pinned on purpose, check what the boot loader starts.',
      ),
    )
  }
  if (kernels.ok && kernels.value.outdated === 'unknown' && kernels.value.newest !== null) {
    found.push(
      info(
        `the running kernel is not among the installed ones: ${kernels.value.why}`,
        'Check what the boot loader starts.',
      ),
    )
  }
  return found
}

function ofTime(facts: Facts): Finding[] {
  const skew = facts.or(clock, { epochSeconds: 0, skewSeconds: null }).skewSeconds
  const sync = facts.get(timeSync)
  const found: Finding[] = []
  if (skew !== null && Math.abs(skew) > SKEW_WARNS_SECONDS) {
    found.push(
      warn(
        `the clock of the host is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}`,
        'Check its time service; over 5 minutes maintenance is refused.',
      ),
    )
  }
  if (sync.ok && sync.value.synced === 'no')
    found.push(warn(`${sync.value.by} has not set the clock`, 'Check that its time servers can be reached.'))
  if (sync.ok && sync.value.by === 'none')
    found.push(info('no time service was found', 'Fine where the machine below sets the clock; else install chrony.'))
  return found
}

function ofMemory(facts: Facts): Finding[] {
  const read = facts.get(memory)
  if (!read.ok || read.value.swapTotalBytes === 0) return []
  const used = 1 - read.value.swapFreeBytes / read.value.swapTotalBytes
  return used > 0.5
    ? [warn(`${Math.round(used * 100)}% of swap is in use`, 'The host needs more memory, or something leaks.')]
    : []
}

function ofPressure(facts: Facts): Finding[] {
  const read = facts.get(pressure)
  if (!read.ok) return []
  const found: Finding[] = []
  if ((read.value.memory.full ?? 0) >= 5)
    found.push(
      warn(`all tasks waited for memory ${read.value.memory.full}% of the last minute`, 'The host is short of memory.'),
    )
  if ((read.value.io.full ?? 0) >= 20)
    found.push(
      warn(`all tasks waited for disks ${read.value.io.full}% of the last minute`, 'A disk is overloaded or failing.'),
    )
  if (read.value.cpu.some >= 80)
    found.push(
      warn(
        `some task waited for a processor ${read.value.cpu.some}% of the last minute`,
        'The host has too few processors for its work.',
      ),
    )
  return found
}

/** One error in ten thousand packets is far above what a sound link shows. */
const ERROR_SHARE = 1 / 10_000

function ofNetwork(facts: Facts): Finding[] {
  const found = facts.or(netErrors, []).flatMap((card) => {
    const errors = card.receiveErrors + card.sendErrors + card.carrierErrors
    const isMany = errors >= 10 && errors > (card.received + card.sent) * ERROR_SHARE
    return isMany
      ? [
          warn(
            `${card.device}: ${errors} errors in ${card.received + card.sent} packets`,
            'Check cable, port and card.',
          ),
        ]
      : []
  })
  const firewall = facts.get(firewallState)
  const isOpen = firewall.ok && !firewall.value.active
  return isOpen
    ? [...found, info('no firewall filters incoming packets', 'Fine where one stands in front of the host.')]
    : found
}

function ofPeople(facts: Facts): Finding[] {
  const people = [...new Set(facts.or(loggedIn, []).map((login) => login.user))]
  const inhibitors = facts.or(blockInhibitors, []).map((one) => `${one.who} (${one.why})`)
  const jobs = facts.or(runningJobs, [])
  return [
    ...(people.length > 0 ? [info(`logged in now: ${named(people)}`, 'Tell them before the host is drained.')] : []),
    ...(inhibitors.length > 0
      ? [
          warn(
            `asked not to be shut down: ${named(inhibitors)}`,
            'The run waits for it before anything disruptive, then leaves the host untouched.',
          ),
        ]
      : []),
    ...(jobs.length > 0
      ? [info(`jobs at work: ${named(jobs)}`, 'Name those that must not be cut in `drain.wait_for`.')]
      : []),
  ]
}
