import { readFileSync } from 'node:fs'

/**
 * Seconds since this machine started. Hosts of a lab share its kernel, so that what they write down and what users see
 * stand on one axis, whatever any clock says.
 */
const offset = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - performance.now() / 1000

export function uptimeSeconds(): number {
  return offset + performance.now() / 1000
}
