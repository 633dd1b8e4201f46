import { blockInhibitors } from './block-inhibitors'
import { bootId } from './boot-id'
import { clock } from './clock'
import { diskIo } from './disk-io'
import { disks } from './disks'
import type { Fact } from './fact'
import { failedUnits } from './failed-units'
import { firewallState } from './firewall-state'
import { initSystem } from './init-system'
import { inodes } from './inodes'
import { kernel } from './kernel'
import { kernelErrors } from './kernel-errors'
import { listeners } from './listeners'
import { load } from './load'
import { loggedIn } from './logged-in'
import { machineId } from './machine-id'
import { memory } from './memory'
import { mounts } from './mounts'
import { netErrors } from './net-errors'
import { newestKernel } from './newest-kernel'
import { osRelease } from './os-release'
import { pressure } from './pressure'
import { rebootRequired } from './reboot-required'
import { resolvers } from './resolvers'
import { routes } from './routes'
import { runningJobs } from './running-jobs'
import { selinux } from './selinux'
import { sshdConfig } from './sshd-config'
import { timeSync } from './time-sync'
import { units } from './units'
import { uptime } from './uptime'

/** What `compare` sets side by side: stored as the baseline, read again after the work. */
export const comparedFacts: readonly Fact<unknown>[] = [
  bootId,
  kernel,
  uptime,
  initSystem,
  units,
  failedUnits,
  listeners,
  mounts,
  routes,
  resolvers,
  firewallState,
  sshdConfig,
  selinux,
]

/** Everything `monitor` reads before anything changes: the baseline of the host and the ground of its findings. */
export const baselineFacts: readonly Fact<unknown>[] = [
  clock,
  osRelease,
  machineId,
  ...comparedFacts,
  newestKernel,
  rebootRequired,
  load,
  memory,
  disks,
  inodes,
  pressure,
  diskIo,
  netErrors,
  timeSync,
  kernelErrors,
  loggedIn,
  blockInhibitors,
  runningJobs,
]
