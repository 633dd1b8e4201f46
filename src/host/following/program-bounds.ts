import type { ShStep } from '../../plan/step'
import { MAX_LINE, type RecordBounds } from '../records'

export interface ProgramBounds extends RecordBounds {
  /** Of all records together, with their data. */
  readonly bytes: number
}

/** Records of a step: begin, data, end. The others: head, over, and the words beside them. */
const OF_STEP = 3
const BESIDE_STEPS = 8

/** Most that a program of these steps may write into its records. */
export function boundsOf(steps: readonly ShStep[]): ProgramBounds {
  const dataBytes = (n: number) => {
    const output = steps[n]?.output ?? 'text'
    return output === 'text' ? 0 : output.data
  }
  const records = OF_STEP * steps.length + BESIDE_STEPS
  const data = steps.reduce((sum, _, n) => sum + dataBytes(n), 0)
  return { dataBytes, records, bytes: data + records * (MAX_LINE + 1) }
}

/** What is read of a program whose steps are known by their names alone. */
const UNKNOWN_DATA_BYTES = 4 * 2 ** 20

/** Bounds for a program of an earlier run: its records are told, its data is not. */
export function boundsOfFound(steps: readonly ShStep[]): ProgramBounds {
  const bounds = boundsOf(steps)
  return { ...bounds, dataBytes: () => UNKNOWN_DATA_BYTES, bytes: bounds.bytes + 4 * UNKNOWN_DATA_BYTES }
}
