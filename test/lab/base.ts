import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPackages, debName } from './build-packages'
import { demoPackages } from './demo-packages'
import { processIsAlive } from './process-identity'
import { requireCommand } from './run-command'

/** Password of the login `pw`, whose sudo asks for it. */
export const sudoPassword = 'lab password'

/** What every host of the lab is made from; never written to while a host runs. */
export interface Base {
  /** Rootfs, the lower layer of each host. */
  readonly root: string
  /** Private key that opens root, maint, pw and nosudo. */
  readonly privateKeyFile: string
  /** Folder of .deb files and their index. */
  readonly packages: string
}

/** Cache folder of the checkout. */
export const labFolder = join(import.meta.dirname, '../../.lab')

/** Files that decide what comes out: a change of one of them makes a new base. */
const recipe = ['recipe/rootfs.sh', 'demo-packages.ts', 'build-packages.ts', 'base.ts']

async function recipeHash(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of recipe) hash.update(await readFile(join(import.meta.dirname, file)))
  return hash.digest('hex').slice(0, 12)
}

/** The base, built when the checkout has none of this recipe (about a minute). A build that broke off is never used. */
export async function ensureBase(): Promise<Base> {
  const folder = join(labFolder, `base-${await recipeHash()}`)
  if (!existsSync(folder)) await build(folder)
  return { root: join(folder, 'root'), privateKeyFile: join(folder, 'key'), packages: join(folder, 'packages') }
}

async function build(folder: string): Promise<void> {
  // The name becomes the final one when all is there; two builders at once do not see each other.
  const partial = `${folder}.partial-${process.pid}`
  await removeTree(partial)
  await mkdir(join(partial), { recursive: true })
  await requireCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', join(partial, 'key')])
  await buildPackages(join(partial, 'packages'))
  const debs = demoPackages.filter((demo) => demo.version === '1.0').map((demo) => debName(demo.name, demo.version))
  await requireCommand(
    'bash',
    [
      join(import.meta.dirname, 'recipe/rootfs.sh'),
      join(partial, 'root'),
      join(partial, 'key.pub'),
      sudoPassword,
      ...debs.map((deb) => join(partial, 'packages', deb)),
    ],
    { timeoutMs: 900_000 },
  )
  try {
    await rename(partial, folder)
  } catch (error) {
    await removeTree(partial)
    if (!existsSync(folder)) throw error
  }
}

/** Takes away bases of older recipes and broken builds, unless a host or a builder is still using them. */
export async function pruneBases(): Promise<void> {
  const current = `base-${await recipeHash()}`
  const mounts = await readFile('/proc/mounts', 'utf8')
  const names = existsSync(labFolder) ? await readdir(labFolder) : []
  for (const name of names.filter((name) => name.startsWith('base-') && name !== current)) {
    const builder = Number(/\.partial-(\d+)$/.exec(name)?.[1] ?? 0)
    if (builder > 0 && processIsAlive(builder)) continue
    if (!mounts.includes(`${join(labFolder, name)}/`)) await removeTree(join(labFolder, name))
  }
}

/** Stays on one file system: a mount that would not go away is never emptied. */
export async function removeTree(path: string): Promise<void> {
  await requireCommand('rm', ['-rf', '--one-file-system', path])
}
