import { ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import type { LockHolder, Reading } from './package-manager'

const LOCKS = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/lib/apt/lists/lock',
  '/var/cache/apt/archives/lock',
]

/** Exit 0 when no lock is held; unknown is not free. */
export const aptUnlocked = () => sh`out=$(${aptLock.sh}) && [ -z "$out" ]`

/**
 * Who holds a lock of dpkg or apt: their inodes looked up in /proc/locks. Reads only, takes no lock. Another file system
 * may have a locked file of the same number (the pid file of cron, on a tmpfs), and the device in /proc/locks is not always
 * that of stat (btrfs, overlayfs); so where one can see what files the process has open, it must be this one.
 */
export const aptLock: Reading<readonly LockHolder[]> = {
  sh: sh`[ -r /proc/locks ] || exit 9
for f in ${LOCKS}; do
  i=$(stat -c %i "$f" 2>/dev/null) || continue
  while read -r n kind mode rw pid dev rest; do
    case $kind in '->') continue ;; esac
    [ "\${dev##*:}" = "$i" ] || continue
    if [ -r "/proc/$pid/fd" ]; then
      has=; for o in "/proc/$pid/fd/"*; do if [ "$o" -ef "$f" ]; then has=1; break; fi; done
      [ -n "$has" ] || continue
    fi
    name=; [ ! -r "/proc/$pid/comm" ] || read -r name < "/proc/$pid/comm"
    printf '%s\\t%s\\t%s\\n' "$pid" "$f" "$name"
  done < /proc/locks
done
exit 0`,
  parse: parseLock,
}

function parseLock(out: string, rc: number): Result<readonly LockHolder[]> {
  if (rc !== 0) return unknown('the locks of the kernel could not be read')
  const holders: LockHolder[] = []
  for (const line of out.split('\n').filter((l) => l !== '')) {
    const [pid, lock, program = ''] = line.split('\t')
    if (pid === undefined || lock === undefined || !/^-?\d+$/.test(pid)) return unknown('a lock could not be read')
    holders.push({ pid: Number(pid), lock, program })
  }
  return ok(holders)
}
