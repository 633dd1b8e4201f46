import type { StagesConfig } from '../config/stages'
import type { Result } from '../facts/fact'
import type { RebootRequired } from '../facts/reboot-required'
import type { Finding } from '../stages/stage'

export interface RebootDecision {
  readonly reboot: boolean
  readonly needed: 'yes' | 'no' | 'unknown'
  readonly why: string
  readonly finding?: Finding
}

/**
 * Reboots when it is wanted and nothing stands in the way. Unknown never reboots (promise 4), and neither does a host
 * that may not come back (H34): both are findings.
 * @param obstacles sentences; empty: none was found
 */
export function decideReboot(
  wanted: StagesConfig['update']['reboot'],
  required: Result<RebootRequired>,
  obstacles: Result<readonly string[]>,
): RebootDecision {
  const needed = required.ok ? required.value.needed : 'unknown'
  const why = required.ok ? required.value.why : required.why
  const no = (finding?: Finding): RebootDecision => ({ reboot: false, needed, why, ...(finding ? { finding } : {}) })
  if (wanted === 'never')
    return no(needed === 'yes' ? pending(why, 'The file says "reboot: never"; plan one by hand') : undefined)
  if (wanted === 'if-required' && needed === 'no') return no()
  if (wanted === 'if-required' && needed === 'unknown')
    return no({
      what: `Whether a reboot is required is unknown: ${why}`,
      severity: 'warn',
      advice: 'Install needrestart on the host, or write "reboot: always"',
    })
  if (!obstacles.ok)
    return no(pending(why, `Not rebooted, as what the next boot needs could not be read: ${obstacles.why}`))
  if (obstacles.value.length > 0) return no(pending(why, `Not rebooted, because ${obstacles.value.join('; ')}`))
  return { reboot: true, needed, why }
}

function pending(why: string, advice: string): Finding {
  return { what: `A reboot is pending: ${why}`, severity: 'warn', advice }
}
