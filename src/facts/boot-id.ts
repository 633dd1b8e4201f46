import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'
import { readLines } from './read-lines'

/** The id of this boot: a new one is the only proof of a reboot, as containers keep the uptime of their machine. Source: random(4). */
export const bootId: Fact<string> = {
  id: 'boot-id',
  sh: readLines('/proc/sys/kernel/random/boot_id'),
  cap: 256,
  parse: onSuccess((out) => {
    const id = out.trim()
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? ok(id) : unknown('the kernel gave no boot id')
  }),
}
