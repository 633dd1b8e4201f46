import { z } from 'zod'
import { later, listOrOff, name, positiveWait, wait } from '../values'
import { command, envMap, place, shell } from './command-keys'
import { unitName } from './drain'
import { stage } from './hooks'

const seenFrom = z.enum(['host', 'runner', 'both']).default('host').describe('Where the check is made from.')
const port = z.int().min(1).max(65_535)

/** Placeholders are filled in per host; for judging the form any word will do. */
function isWebAddress(text: string): boolean {
  const filled = text.replace(/\{(?:host|address|group)\}/g, 'x')
  return /^https?:\/\/[^\s/?#]/.test(filled) && URL.canParse(filled)
}

const http = z.strictObject({
  url: z
    .string()
    .max(2048)
    .refine(isWebAddress, 'expected an address such as http://localhost:8080/health')
    .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), 'an address cannot carry a user or password'),
  status: z.int().min(100).max(599).default(200),
  contains: z.string().min(1).optional().describe('Text that the body must hold.'),
  from: seenFrom,
  timeout: positiveWait.prefault('10s'),
})

const tcp = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9_{[:]([A-Za-z0-9._:{}-]*[A-Za-z0-9}\]:])?$/, 'expected a host name or address')
    .default('localhost'),
  port,
  from: seenFrom,
  timeout: positiveWait.prefault('5s'),
})

const commandCheck = z.strictObject({
  name: name.optional(),
  run: command.describe('Exit 0 passes. It may change nothing.'),
  on: place,
  timeout: positiveWait.prefault('60s'),
  env: envMap,
  shell,
})

export const checkEntry = z.union([
  z.strictObject({ http }).describe('An answer over HTTP or HTTPS.'),
  z.strictObject({ tcp }).describe('A port that accepts connections.'),
  ...['tls', 'dns', 'prometheus'].map((kind) => z.strictObject({ [kind]: later(kind) })),
  z.strictObject({ service: z.strictObject({ name: unitName }) }).describe('A unit that is active.'),
  z.strictObject({ command: commandCheck }).describe('A command of your own.'),
])
export type CheckEntry = z.output<typeof checkEntry>

const retry = z.strictObject({
  for: wait.prefault('3m').describe('So long the checks may take to pass.'),
  every: wait.prefault('2s'),
  passes: z.int().min(1).max(20).default(3).describe('So many rounds in a row must pass.'),
})

export const verify = stage({
  compare: z.boolean().default(true).describe('Compare the host with what it was before.'),
  expect_changes: listOrOff(z.string().min(1))
    .prefault([])
    .describe('Patterns on check ids whose change is wanted: "port:tcp/*:9100".'),
  security: z.boolean().default(true),
  checks: listOrOff(checkEntry).prefault([]).describe('What must work before users come back.'),
  retry: retry.prefault({}),
})
