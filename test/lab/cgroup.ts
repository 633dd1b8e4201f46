import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where this machine shows cgroup v2: alone at /sys/fs/cgroup, or beside v1. @throws when it has none */
function cgroupRoot(): string {
  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[2] === 'cgroup2')
  const point = line?.split(' ')[1]
  if (point === undefined) throw new Error('no cgroup v2 is mounted on this machine')
  return point
}

/** Name of a lab's cgroup below the root; the lab's boot scripts and hosts are all in it. */
export const cgroupName = (id: string) => `pit-${id}`

export function cgroupFolder(id: string): string {
  return join(cgroupRoot(), cgroupName(id))
}
