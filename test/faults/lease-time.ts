import type { Lab } from '../lab/lab'

/**
 * The lease of a run that is gone ends ten minutes after its last renewal, by the uptime of its machine. Here those ten
 * minutes are taken off the time of that renewal; nothing else of the lease changes.
 */
const TEN_MINUTES_LATER = `cd /var/lib/pitstop 2>/dev/null && [ -e lease ] || exit 0
grep -q '^owner=.' lease || exit 0
awk -F= '$1 == "up" { up = $2 - 600; if (up < 0) { up = 0; short = 1 } print "up=" up; next }
  $1 == "ttl" && short { print "ttl=1"; next } { print }' lease >lease.later && mv lease.later lease && echo later`

/** @returns names of the hosts that a run had left leased */
export async function passLeaseTime(lab: Lab): Promise<readonly string[]> {
  const leased = await Promise.all(
    lab.hosts.map(async (host) => ((await host.must(TEN_MINUTES_LATER)).trim() === 'later' ? [host.name] : [])),
  )
  return leased.flat()
}
