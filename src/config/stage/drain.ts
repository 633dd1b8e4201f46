import { z } from 'zod'
import { later, listOrOff, orOff, positiveWait, wait } from '../values'
import { command, envMap, place, shell } from './command-keys'
import { stage } from './hooks'

const trafficCommand = z.strictObject({
  drain: command.describe('Takes the host out of service.'),
  undrain: command.describe('Puts it back.'),
  state: command.optional().describe('Prints `in` or `out`; without it the host does not count as isolated.'),
  on: place,
  timeout: positiveWait.prefault('10m'),
  env: envMap,
  shell,
})

const traffic = z.union([
  z.strictObject({ command: trafficCommand }).describe('Commands of your own.'),
  z.strictObject({ haproxy: later('haproxy') }),
  z.strictObject({ nginx: later('nginx') }),
  z.strictObject({ firewall: later('firewall') }),
])

/** With or without `.service`; `{host}` may be part of it. */
export const unitName = z
  .string()
  .regex(/^[A-Za-z0-9_{][A-Za-z0-9:_.@{}\\-]{0,199}$/, 'expected the name of a systemd unit')

const service = z.strictObject({
  name: unitName,
  stop_timeout: positiveWait.nullable().default(null).describe('Left out: the time of the unit itself, up to 5m.'),
  start_timeout: positiveWait.nullable().default(null).describe('Left out: the time of the unit itself, up to 5m.'),
})
const serviceEntry = z.union([
  unitName.transform((unit) => ({ name: unit, stop_timeout: null, start_timeout: null })),
  service,
])

/** A key of the contract; named through a constant because an object literal with `then` looks like a promise. */
const THEN = 'then'

const connections = z.strictObject({
  for: wait.prefault('60s').describe('So long open connections may finish.'),
  [THEN]: z.enum(['cut', 'hold']).default('cut').describe('Then: cut them, or give the drain up.'),
})

export const drain = stage({
  when: z.enum(['needed', 'always']).default('needed').describe('needed: only if something disruptive is pending.'),
  traffic: listOrOff(traffic).prefault([]).describe('How users are kept out until go-live.'),
  services: listOrOff(serviceEntry)
    .prefault([])
    .describe('Stopped in this order, started in reverse behind the drain.'),
  connections: orOff(connections)
    .transform((wait) => (wait === false ? { for: 0, [THEN]: 'cut' as const } : wait))
    .prefault({}),
  wait_for: listOrOff(unitName).prefault([]).describe('Units that must have ended before the drain, waited for 10m.'),
})
