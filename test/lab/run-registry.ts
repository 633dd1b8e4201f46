import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, realpath, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { labFolder, removeTree } from './base'
import { cgroupFolder } from './cgroup'
import { identityOf, isSameProcess, type ProcessIdentity } from './process-identity'
import { requireCommand, runCommand } from './run-command'

/** Known to every checkout of this machine, so that any of them can clean up after any other. */
const registry = '/run/pitstop-lab'

/** One lab that is up, or was left behind. All its names derive from the id. */
export interface LabRun {
  readonly id: string
  readonly owner: ProcessIdentity
  /** Holds the hosts' own layers; a path inside the checkout that started the lab. */
  readonly folder: string
  /** `10.77.N`: the network is N.0/24. */
  readonly subnet: string
}

/** Network namespace of the switch; those of its hosts are `<this>-<number>`. */
export const switchNamespace = (id: string) => `pit-${id}`
/** The runner's end of the cable to the switch. */
export const uplinkName = (id: string) => `pit${id}`

/** Claims a subnet and an id and writes both down before anything of the lab exists. */
export async function registerRun(): Promise<LabRun> {
  const id = randomBytes(3).toString('hex')
  const owner = identityOf(process.pid)
  if (owner === null) throw new Error('/proc does not know this process')
  // The kernel lists a mount by its real path: a folder behind a link would look as if nothing was mounted below it.
  const folder = join(await realpath(labFolder), 'runs', id)
  const run: LabRun = { id, owner, folder, subnet: await claimSubnet() }
  await mkdir(registry, { recursive: true })
  await writeFile(join(registry, `${id}.new`), JSON.stringify(run))
  await rename(join(registry, `${id}.new`), join(registry, `${id}.json`))
  await mkdir(run.folder, { recursive: true })
  return run
}

/** The blackhole route keeps packets for hosts that are gone off every real network; adding it is also the claim. */
async function claimSubnet(): Promise<string> {
  let trouble = ''
  for (let attempt = 0; attempt < 30; attempt++) {
    const subnet = `10.77.${1 + ((randomBytes(1)[0] ?? 0) % 250)}`
    const added = await runCommand('ip', ['route', 'add', 'blackhole', `${subnet}.0/24`, 'metric', '4000'])
    if (added.exitCode === 0) return subnet
    trouble = added.stderr
  }
  throw new Error(`no subnet of 10.77.0.0/16 could be claimed: ${trouble}`)
}

export function listRuns(): LabRun[] {
  if (!existsSync(registry)) return []
  return readdirSync(registry)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(registry, name), 'utf8')) as LabRun)
}

/** Takes away what labs left whose process is dead. @returns their ids */
export async function reapLeftovers(): Promise<string[]> {
  const dead = listRuns().filter((run) => !isSameProcess(run.owner))
  for (const run of dead) await removeRun(run)
  return dead.map((run) => run.id)
}

/** Ends every process and takes away every name, mount and file of one lab. May be done twice, or after a crash. */
export async function removeRun(run: LabRun): Promise<void> {
  await killAll(run.id)
  if (existsSync(run.folder)) await unmountBelow(await realpath(run.folder))
  const namespaces = (await requireCommand('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '')
  const own = namespaces.filter(
    (name) => name === switchNamespace(run.id) || name.startsWith(`${switchNamespace(run.id)}-`),
  )
  for (const name of own) await requireCommand('ip', ['netns', 'delete', name])
  // Goes by itself with the switch, unless the crash came between the two.
  await runCommand('ip', ['link', 'delete', uplinkName(run.id)])
  await runCommand('ip', ['route', 'delete', 'blackhole', `${run.subnet}.0/24`, 'metric', '4000'])
  await removeTree(run.folder)
  await removeTree(join(registry, `${run.id}.json`))
}

async function killAll(id: string): Promise<void> {
  const folder = cgroupFolder(id)
  if (!existsSync(folder)) return
  const deadline = Date.now() + 20_000
  do {
    await writeFile(join(folder, 'cgroup.kill'), '1')
    await sleep(30)
    if (Date.now() > deadline) throw new Error(`processes in ${folder} survive being killed`)
  } while (readFileSync(join(folder, 'cgroup.events'), 'utf8').includes('populated 1'))
  await requireCommand('find', [folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
}

async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  for (const point of points.filter((point) => point.startsWith(`${folder}/`)).reverse()) {
    const polite = await runCommand('umount', [point])
    if (polite.exitCode !== 0) await requireCommand('umount', ['-l', point])
  }
}
