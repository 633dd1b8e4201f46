import type { RebootStep, ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'

/** New logins must work before the connection is risked (H33). Where no sshd is installed there is nothing to ask. */
export function checkSshd(id = 'sshd.check'): ShStep {
  return {
    do: 'sh',
    id,
    title: 'Check the configuration of sshd',
    place: 'host',
    required: true,
    disruptive: false,
    // It makes the folder that sshd needs even for a check, where socket activation has not made it yet.
    changes: true,
    timeoutMs: 60_000,
    output: 'text',
    onlyIf: sh`PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; command -v sshd >/dev/null`,
    run: sh`PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; mkdir -p -m 0755 /run/sshd && "$(command -v sshd)" -t`,
  }
}

export function rebootStep(x: StageInput): RebootStep {
  const { reboot_timeout, reboot_stable } = x.host.stages.update
  return {
    do: 'reboot',
    id: 'reboot',
    title: 'Reboot',
    place: 'host',
    required: true,
    disruptive: true,
    changes: true,
    timeoutMs: reboot_timeout,
    stableMs: reboot_stable,
  }
}
