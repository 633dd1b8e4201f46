import { onSuccess } from '../facts/exit'
import { type Fact, ok } from '../facts/fact'
import type { RebootStep, ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'

const FIND_SSHD = sh`PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; command -v sshd >/dev/null`

/** Whether sshd can be asked about its configuration as it is: it needs a folder even for that. */
export const sshdCanBeAsked: Fact<boolean> = {
  id: 'sshd-can-be-asked',
  sh: sh`${FIND_SSHD} && [ -d /run/sshd ] && echo yes; exit 0`,
  cap: 64,
  parse: onSuccess((out) => ok(out === 'yes\n')),
}

/**
 * New logins must work before the connection is risked (H33). Where no sshd is installed there is nothing to ask.
 * @param isReady the folder that sshd needs is there, so that asking changes nothing and needs no program: the host is out
 */
export function checkSshd(id = 'sshd.check', isReady = false): ShStep {
  const check = sh`"$(command -v sshd)" -t`
  return {
    do: 'sh',
    id,
    title: 'Check the configuration of sshd',
    place: 'host',
    required: true,
    disruptive: false,
    timeoutMs: 60_000,
    output: 'text',
    ...(isReady
      ? { changes: false, run: sh`${FIND_SSHD} && ${check}` }
      : // Socket activation makes the folder when somebody comes.
        { changes: true, onlyIf: FIND_SSHD, run: sh`${FIND_SSHD}; mkdir -p -m 0755 /run/sshd && ${check}` }),
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
