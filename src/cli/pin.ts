import { accessOf } from '../access'
import type { Inputs } from '../action/inputs'
import { systemClock } from '../engine/clock'
import { MaintenanceError } from '../errors'
import { selectHosts } from '../fleet/selection'
import { prepared, preparedFile } from './prepared'

/** Prints the keys that the hosts present, to be compared by a person. Trusts nothing, logs in nowhere (but to a jump host). */
export async function pin(given: Inputs, env: NodeJS.ProcessEnv): Promise<number> {
  const ready = await prepared(given, env)
  const { inputs } = ready
  const file = preparedFile(ready)
  const { dialers } = accessOf(inputs, env.SSH_AUTH_SOCK ?? null, systemClock)
  let failed = false
  console.log(
    '# Compare each fingerprint with the host itself before you pin it: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  )
  for (const host of selectHosts(file, inputs.hosts ?? '')) {
    if (host.transport === 'local') continue
    try {
      const keys = await dialers.scan(host, file.hosts, new AbortController().signal)
      console.log(`# ${host.name}: host_key: [${keys.map((k) => `"${k.fingerprint}"`).join(', ')}]`)
      for (const key of keys) console.log(key.line)
    } catch (error) {
      if (!(error instanceof MaintenanceError)) throw error
      failed = true
      console.error(`${host.name}: ${error.message}`)
    }
  }
  return failed ? 1 : 0
}
