import { checkId } from '../config/check-id'
import { expand } from '../config/command'
import { sh } from '../shell/sh'
import { type CheckKind, fail, type ProbeContext, pass, type Seen, unreadable } from './probe'

const TIMEOUT_MS = 15_000

/** A systemd unit that is active, and not between two attempts of a restart loop. */
export const service: CheckKind = {
  kind: 'service',
  probe(entry, { host }) {
    if (!('service' in entry)) return null
    const unit = unitOf(expand(entry.service.name, host))
    return {
      id: checkId(entry, host),
      kind: 'service',
      expected: `${unit} is active`,
      timeoutMs: TIMEOUT_MS,
      run: (at) => showUnit(unit, at),
    }
  },
}

/** `nginx` is `nginx.service`; a name with a unit suffix stays. */
function unitOf(name: string): string {
  return /\.(?:service|socket|timer|path|mount|target)$/.test(name) ? name : `${name}.service`
}

async function showUnit(unit: string, at: ProbeContext): Promise<Seen> {
  const question = {
    id: 'service',
    sh: sh`LC_ALL=C systemctl show --no-pager -p LoadState -p ActiveState -p SubState -p Result -- ${unit}`,
    cap: 4096,
  }
  const [answer] = await at.remote.ask([question], at.signal)
  if (answer === undefined || answer.truncated || answer.rc === null) return unreadable('the host gave no whole answer')
  if (answer.rc === 127) return unreadable('the host has no systemctl')
  if (answer.rc !== 0) return unreadable(`systemctl show ended with exit code ${answer.rc}`)
  return judgeUnit(answer.out)
}

/** Pure: what `systemctl show` says about one unit. */
export function judgeUnit(output: string): Seen {
  const value = new Map(
    output.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const load = value.get('LoadState')
  const active = value.get('ActiveState')
  const sub = value.get('SubState')
  if (load === undefined || active === undefined || sub === undefined)
    return unreadable('systemctl show did not name the state')
  if (load !== 'loaded') return fail(load === 'not-found' ? 'no such unit' : `the unit is ${load}`)
  const result = value.get('Result') ?? 'success'
  const state = `${active} (${sub}${result === 'success' || result === '' ? '' : `, ${result}`})`
  return active === 'active' || active === 'reloading' ? pass(state) : fail(state)
}
