import type { Fault } from './fault'
import {
  clockBack,
  clockForward,
  diskFull,
  freeze,
  packageLock,
  powerCut,
  reboot,
  rebootLate,
  rebootNever,
  rebootTwice,
} from './faults-of-host'
import { helperCut, partition, partitionForGood } from './faults-of-network'
import { cutAndKill, deadMan, powerAndKill, sigkill } from './faults-of-runner'

/** Every fault, in the order of the page. */
export const FAULTS: readonly Fault[] = [
  sigkill,
  cutAndKill,
  deadMan,
  powerAndKill,
  powerCut,
  partition,
  partitionForGood,
  helperCut,
  freeze,
  diskFull,
  packageLock,
  reboot,
  rebootLate,
  rebootNever,
  rebootTwice,
  clockForward,
  clockBack,
]

/** @throws for a name that is no fault */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name)
  if (fault === undefined) throw new Error(`there is no fault ${name}, only ${FAULTS.map((one) => one.name).join(' ')}`)
  return fault
}
