import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'
import { readLines } from './read-lines'

/** The machine id, 32 hex digits: the same over reboots, different on each machine. Source: machine-id(5). */
export const machineId: Fact<string> = {
  id: 'machine-id',
  sh: readLines('/etc/machine-id'),
  cap: 256,
  parse: onSuccess((out) => {
    const id = out.trim()
    return /^[0-9a-f]{32}$/.test(id) ? ok(id) : unknown('/etc/machine-id holds no machine id')
  }),
}
