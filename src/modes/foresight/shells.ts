import { type FileCommand, fileCommands, pipesInSh } from '../../config/file-commands'
import type { HostContext } from '../../engine/host-context'
import { readFacts } from '../../facts/read'
import { type Shells, shells } from '../../facts/shells'
import { ruleAt } from '../../stages/rule'
import type { Found, Sight } from './sight'

/**
 * Where `sh` cannot tell that a part of a pipe failed, a command that decides something may pass though it failed: the
 * reviewer is told. Places that cannot be had now are told elsewhere.
 */
export async function lookAtShells(x: HostContext, sight: Pick<Sight, 'mind'>): Promise<Found> {
  const commands = fileCommands(x.host).filter((one) => one.shell === 'bash' || pipesInSh(one, x.host))
  const found = await Promise.all(
    [...new Set(commands.map(({ on }) => on))].map(async (on) => [on, await shellsAt(x, on)] as const),
  )
  const able = new Map(found)
  const at = (one: FileCommand) => able.get(one.on) ?? null
  const where = (one: FileCommand) => (one.on === 'host' ? x.host.name : one.on)
  for (const one of commands)
    if (one.shell !== 'bash' && at(one)?.pipefail === false)
      sight.mind(
        `sh cannot see a failure in the middle of a pipe of ${shown(one)}${lineOf(x, one)}: write "shell: bash" beside it`,
        where(one),
      )
  const stops = commands
    // The host itself is refused by prepare.
    .filter((one) => one.shell === 'bash' && one.on !== 'host' && at(one)?.bash === false)
    .map((one) => ({
      stage: 'prepare' as const,
      reason: `The file says "shell: bash", and ${one.on} has no bash`,
      rule: ruleAt(x.host, one.path.replace(/\.[^.]+$/, '.shell'), 'bash'),
    }))
  return { stops, notes: [] }
}

async function shellsAt(x: HostContext, on: string): Promise<Shells | null> {
  const machine = on === 'host' ? x.machine : await x.place(on).catch(() => null)
  if (machine === null) return null
  const read = (await readFacts(machine, [shells], x.signal, x.clock)).get(shells)
  return read.ok ? read.value : null
}

const shown = ({ text }: FileCommand) => `"${text.trim().split('\n')[0]?.slice(0, 80) ?? ''}"`

function lineOf(x: HostContext, { path }: FileCommand): string {
  const line = x.host.lines[path] ?? null
  return line === null ? '' : ` (line ${line})`
}
