import type { HostConfig } from '../config/schema'
import type { Rule } from './stage'

/** The rule at a path of the maintenance file, with its line where the file says it (promise 8). */
export function ruleAt(host: Pick<HostConfig, 'lines'>, path: string, value: string | number): Rule {
  return { name: path, value: String(value), line: host.lines[path] ?? null }
}
