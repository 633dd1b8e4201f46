import { parseArgs } from 'node:util'
import type { Fault } from './fault'
import { FAULTS, faultNamed } from './faults'
import { VARIANTS, type Variant } from './scenario'

export const USAGE = `npm run faults -- [options]: strikes at a run on real hosts, and looks from outside what becomes of it
  --only FAULT,...      ${FAULTS.map((fault) => fault.name).join(' ')}
  --at TEXT             only at events whose stage is TEXT, or whose name holds it
  --variant NAME,...    ${VARIANTS.join(' ')}
  --count N             so many strikes at most (default 300)
  --seed N              decides which, in which order (default 1)
  --fleets N            labs at the same time (default 1)
  --folder PATH         results and evidence; a campaign goes on where it was (default .lab/faults)
  --again               strike also where the folder has a result of the same fault, event and variant
  --page PATH           write the table of all results there; alone with --count 0
`

export interface Options {
  readonly faults: readonly Fault[]
  readonly variants: readonly Variant[]
  readonly at: string | null
  readonly count: number
  readonly seed: number
  readonly fleets: number
  readonly folder: string
  readonly again: boolean
  readonly page: string | null
}

/** @throws for a word that is no option, no fault or no number */
export function parseOptions(args: readonly string[], defaultFolder: string): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: text,
      at: text,
      variant: text,
      count: text,
      seed: text,
      fleets: text,
      folder: text,
      again: { type: 'boolean' },
      page: text,
    },
  })
  return {
    faults: values.only === undefined ? FAULTS : values.only.split(',').map(faultNamed),
    variants: values.variant === undefined ? VARIANTS : values.variant.split(',').map(variantNamed),
    at: values.at ?? null,
    count: whole('count', values.count, 300),
    seed: whole('seed', values.seed, 1),
    fleets: whole('fleets', values.fleets, 1),
    folder: values.folder ?? defaultFolder,
    again: values.again ?? false,
    page: values.page ?? null,
  }
}

function variantNamed(name: string): Variant {
  const found = VARIANTS.find((one) => one === name)
  if (found === undefined) throw new Error(`there is no variant ${name}, only ${VARIANTS.join(' ')}`)
  return found
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} wants a number, not ${text}`)
  return Number(text)
}
