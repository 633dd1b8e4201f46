import { type Sh, sh } from '../../shell/sh'
import { undrainCommand } from '../../show/own-command'

/** Where a person who logs in is told that a host waits. Read by pam_motd, as the one who logs in. */
export const MOTD = '/etc/motd.d/90-pitstop'

/** Why a host is held, on its own disk, for `status`. Its state is frozen and has no room for a sentence. */
export const heldReasonFile = (stateDir: string) => `${stateDir}/held`

/** Begins what is printed after it anew as the notice, readable by everybody who logs in. */
export const TO_MOTD: Sh = sh`[ -d /etc/motd.d ] || mkdir -m 755 /etc/motd.d; : >${MOTD} && chmod 644 ${MOTD}`

/**
 * The notice of a held host. A unit that is held does not start and says nothing of it (a condition that is not met ends
 * `systemctl start` with exit code 0), so the command that does start it stands there.
 */
export function sayHeld(host: string, run: string, url: string): Sh {
  const held = `Pitstop: this host is held by run ${run} (${url}); see the report of the run`
  const next = `Repair it, then start the workflow with \`mode: recover\`, or: ${undrainCommand(host)}`
  return sh`{ ${TO_MOTD}; } 2>/dev/null && {
  printf '%s\\n' ${held}
  for f in /etc/systemd/system/*.d/90-pitstop*.conf; do
    [ -e "$f" ] || continue
    d=\${f%/*}; u=\${d##*/}; u=\${u%.d}
    printf '%s is kept from starting: "systemctl start" does nothing. To start it: rm %s && systemctl daemon-reload && systemctl start %s\\n' "$u" "$f" "$u"
  done
  printf '%s\\n' ${next}
} >>${MOTD}; logger -t pitstop -- ${held} || :`
}
