import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Broken } from './broken'
import type { Fleet } from './fleet'
import { TARGETS } from './scenario'
import type { SceneRecord } from './scene-record'

/** Everything that a person needs who wants to know how a promise was broken. */
export async function keepEvidence(
  folder: string,
  workspace: string,
  fleet: Fleet,
  record: SceneRecord,
  broken: readonly Broken[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(workspace, join(folder, 'workspace'), { recursive: true })
  for (const name of TARGETS) {
    await fleet.disk(name).copyTo(join(folder, name))
    const journal = await fleet.lab.host(name).exec('journalctl -b -o short-monotonic --no-pager | tail -n 400')
    await writeFile(join(folder, name, 'systemd-journal.txt'), journal.stdout)
  }
  const { first, second, fault, ...rest } = record
  const shown = { broken, fault: fault?.name ?? null, ...rest, first: first.exitCode, second: second.exitCode }
  await writeFile(join(folder, 'outside.json'), JSON.stringify(shown, plainMaps, 1))
}

function plainMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}
