import { expect } from 'vitest'
import { whyNotCleaned } from '../../../src/clean/paths'
import { whyNoStateDir } from '../../../src/config/state-dir'
import type { UnitAttack } from './unit-attack'

/** Folders that a home, a placeholder or a file may lead to. */
const STATE_DIRS: readonly string[] = [
  ...[
    '/',
    '//',
    '/etc',
    '/etc/pitstop',
    '/pitstop',
    '/run/systemd',
    '/run/pitstop',
    '/run/user/0/x',
    '/var/run/pitstop',
  ],
  ...[
    '/usr/lib/pitstop',
    '/lib64/pitstop',
    '/bin/pitstop',
    '/boot/pitstop',
    '/dev/shm/pitstop',
    '/proc/self/root/srv/x',
  ],
  ...[
    '/sys/fs/cgroup',
    '/var/lib',
    '/var/lib/dpkg',
    '/var/lib/systemd/x',
    '/home/maint',
    '/root',
    '/srv/../etc',
    '/srv/./x',
  ],
  ...[
    '/srv//x',
    '/srv/x/',
    '/srv/a b',
    '/srv/$(id)',
    '/srv/`id`',
    "/srv/'x",
    '/srv/x\ny',
    '/srv/x;y',
    '/srv/x\x00',
    'srv/x',
    '',
  ],
]

const CLEANED: readonly string[] = [
  ...[
    '/',
    '/etc/cron.d',
    '/usr/share',
    '/lib/modules',
    '/boot/grub',
    '/home',
    '/root',
    '/var',
    '/var/lib',
    '/var/lib/dpkg/info',
  ],
  ...[
    '/proc/1',
    '/sys/class',
    '/dev/shm',
    '/run/systemd/x',
    '/var/log/../lib',
    '/var//log',
    '/var/log/',
    'var/log',
    '/tmp',
  ],
]

export const pathAttacks: readonly UnitAttack[] = [
  ...STATE_DIRS.map((path) => ({
    id: `state-dir-${JSON.stringify(path).slice(1, -1)}`,
    where: 'path' as const,
    does: `has the state kept in ${JSON.stringify(path)}`,
    must: 'nothing is kept there',
    holds: () => expect(whyNoStateDir(path)).not.toBeNull(),
  })),
  ...CLEANED.map((path) => ({
    id: `clean-${path}`,
    where: 'path' as const,
    does: `has ${path} cleaned`,
    must: 'nothing is deleted there',
    holds: () => expect(whyNotCleaned(path, [])).not.toBeNull(),
  })),
]
