import type { Result } from './result'
export function pageOf(results: readonly Result[]): string {
  return String(results.length)
}
