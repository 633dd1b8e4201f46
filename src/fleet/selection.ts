import { nearest } from '../config/nearest'
import type { HostConfig, MaintenanceFile } from '../config/schema'
import { ConfigError, type Problem } from '../errors'
import { inputWord } from '../show/input-words'

/**
 * The targets that the `hosts` input chooses: `web-1,group:db`, or all when it is empty. In the order of the file; hosts
 * under `skip` stay in (they are reported as untouched), helpers never are.
 * @throws ConfigError for an unknown name, a helper, or a choice that holds no host
 */
export function selectHosts(file: MaintenanceFile, choice: string): readonly HostConfig[] {
  const targets = [...file.hosts.values()].filter((host) => host.maintain)
  const words = choice.split(/[\s,]+/).filter((word) => word !== '')
  if (words.length === 0 && choice.trim() === '') return targets
  const problems = words.flatMap((word) => wordProblem(file, word))
  const chosen = targets.filter((host) => words.includes(host.name) || words.includes(`group:${host.group}`))
  if (problems.length === 0 && chosen.length === 0)
    problems.push({ path: 'hosts', message: 'the choice is empty: no host of the file is chosen' })
  if (problems.length > 0)
    throw new ConfigError(problems, {
      hint: `${inputWord('hosts')} lists host names and group:NAME, with commas between.`,
    })
  return chosen
}

function wordProblem(file: MaintenanceFile, word: string): Problem[] {
  if (word.startsWith('group:')) return unknownProblem('group', word.slice('group:'.length), [...file.groups.keys()])
  const host = file.hosts.get(word)
  if (host?.maintain === false)
    return [{ path: 'hosts', message: `${word} is a helper (\`maintain: false\`) and never a target` }]
  const groups = [...file.groups.keys()]
  if (host === undefined && groups.includes(word))
    return [{ path: 'hosts', message: `"${word}" is a group, not a host`, nearest: `group:${word}` }]
  return unknownProblem(
    'host',
    word,
    [...file.hosts.values()].filter((h) => h.maintain).map((h) => h.name),
  )
}

function unknownProblem(kind: string, name: string, known: readonly string[]): Problem[] {
  if (known.includes(name)) return []
  const near = nearest(name, known)
  const message = `no ${kind} of the file is called "${name.slice(0, 80)}"`
  return [
    { path: 'hosts', message, ...(near === undefined ? {} : { nearest: kind === 'group' ? `group:${near}` : near }) },
  ]
}
