import { setTimeout as sleep } from 'node:timers/promises'
import type { LabHost } from '../lab/lab-host'
import { type Fault, nothingToRepair, plain } from './fault'
import { DISK_AT } from './host-disk'

const away = { ...plain, takesHostAway: true } as const

export const powerCut: Fault = {
  ...away,
  name: 'power-cut',
  title: 'Power cut of the host, back at once',
  boots: 1,
  interruptsDpkg: 'always',
  async strike({ host }) {
    await host.powerCut()
    await host.powerOn()
    await host.whenUp()
    return nothingToRepair
  },
}

export const reboot: Fault = {
  ...away,
  name: 'reboot',
  title: 'Somebody else reboots the host',
  boots: 1,
  interruptsDpkg: 'always',
  async strike({ host }) {
    // An order while the host is going down anyway is lost: then there is one boot, not two.
    const before = await host.bootId().catch(() => null)
    if (before === null) return null
    await host.exec('systemctl reboot', { timeoutMs: 5_000 }).catch(() => null)
    await host.whenRebooted(before)
    return nothingToRepair
  },
}

/** Waits until the host has gone down by the order of the run, or the run is over. */
async function whenGone(host: LabHost, before: string, over: AbortSignal): Promise<boolean> {
  while (!over.aborted) {
    const now = await host.bootId().catch(() => null)
    if (now !== null && now !== before) return true
    if (!host.isOn()) return true
    await sleep(100)
  }
  return false
}

const beforeReboot = { ...away, onlyIn: ['drain', 'clean', 'update'], until: 'reboot.ordered' } as const

export const rebootLate: Fault = {
  ...beforeReboot,
  name: 'reboot-late',
  title: 'The reboot takes 8 s longer',
  slowSeconds: 8,
  async strike({ host }) {
    await host.setRebootDelay(8)
    return nothingToRepair
  },
}

export const rebootNever: Fault = {
  ...beforeReboot,
  name: 'reboot-never',
  title: 'The host does not come back from its reboot; a person switches it on later',
  boots: 1,
  slowSeconds: 25,
  async strike({ host }) {
    await host.setNoReturn(true)
    return async () => {
      await host.setNoReturn(false)
      if (!host.isOn()) await host.powerOn()
    }
  },
}

export const rebootTwice: Fault = {
  ...beforeReboot,
  name: 'reboot-twice',
  title: 'Another boot in between: the host loses power just after its reboot',
  boots: 1,
  async strike({ host, run }) {
    const before = await host.bootId().catch(() => null)
    if (before === null || !(await whenGone(host, before, run.over))) return null
    await host.whenUp()
    await host.powerCut()
    await host.powerOn()
    return nothingToRepair
  },
}

const FROZEN_MS = 90_000

export const freeze: Fault = {
  ...plain,
  name: 'freeze',
  title: 'All processes of the host freeze for 90 s',
  takesHostAway: true,
  slowSeconds: 95,
  async strike({ host }) {
    await host.freeze()
    await sleep(FROZEN_MS)
    await host.thaw()
    return nothingToRepair
  },
}

/** At once, then to the last block; the witness lies on another disk, and says when it was. */
const FILL = `cd ${DISK_AT} && fallocate -l "$(df --output=avail -k . | tail -n 1)K" lab-filler
cat /dev/zero >>lab-filler 2>/dev/null; witness disk.full`

export const diskFull: Fault = {
  ...plain,
  name: 'disk-full',
  title: `The disk with ${DISK_AT} (state, package database) is full until the run is over`,
  interruptsDpkg: 'in update',
  async strike({ host }) {
    const full = await host.exec(FILL).catch(() => null)
    if (full === null) return null
    return () => host.unfill(DISK_AT)
  },
}

const LOCKED_S = 8
/** As another package manager does it: a lock of fcntl, which is no flock. */
const LOCK = `perl -e 'use Fcntl; open F, "+<", "/var/lib/dpkg/lock-frontend" or die; my $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); for (1..40) { if (fcntl(F, F_SETLK, $l)) { sleep ${LOCKED_S}; exit 0 } select(undef, undef, undef, 0.2) } exit 3'`

export const packageLock: Fault = {
  ...plain,
  name: 'package-lock',
  title: `Somebody else holds the package lock for ${LOCKED_S} s`,
  slowSeconds: LOCKED_S,
  async strike({ host }) {
    const lock = await host.exec(LOCK).catch(() => null)
    // Ended by a signal: the host went down, and took the holder of the lock with it.
    return lock === null || lock.exitCode === 3 ? null : nothingToRepair
  },
}

/** A host of the lab shares the kernel's clock, so that it cannot be set: `date` lies instead, to Pitstop as to anybody. */
const clockMoved = (hours: number) => `cat >/usr/local/bin/date <<'END'
#!/bin/sh
case " $* " in *' -d'*|*' -r'*|*' --date'*) exec /bin/date "$@" ;; esac
exec /bin/date -d '${hours} hours' "$@"
END
chmod 755 /usr/local/bin/date`

function clock(name: string, hours: number): Fault {
  return {
    ...plain,
    name,
    title: `The clock of the host jumps by ${hours > 0 ? '+' : ''}${hours} hours`,
    async strike({ host }) {
      if ((await host.exec(clockMoved(hours)).catch(() => null))?.exitCode !== 0) return null
      return async () => void (await host.must('rm -f /usr/local/bin/date'))
    },
  }
}

export const clockForward = clock('clock-forward', 3)
export const clockBack = clock('clock-back', -3)
