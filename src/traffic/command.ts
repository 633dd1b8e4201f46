import { commandEnv, commandSh, expand } from '../config/command'
import type { Act, TrafficKind } from './driver'

/** Three commands of the maintenance file: out, in, and where things stand. */
export const command: TrafficKind = {
  kind: 'command',
  statesOut: (entry) => 'command' in entry && entry.command.state !== undefined,
  driver(entry, { host, run }) {
    if (!('command' in entry)) return null
    const spec = entry.command
    const act = (text: string): Act => ({
      ...commandSh(text, host, undefined, spec.shell),
      ...commandEnv(host, 'drain', run.id, spec.env),
      timeoutMs: spec.timeout,
    })
    const place = expand(spec.on, host)
    return {
      kind: 'command',
      label: place === 'host' ? 'command' : `command on ${place}`,
      place,
      drain: act(spec.drain),
      undrain: act(spec.undrain),
      state: spec.state === undefined ? null : act(spec.state),
    }
  },
}
