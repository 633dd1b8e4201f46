import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DemoPackage, demoPackages } from './demo-packages'
import { requireCommand } from './run-command'

/** Name of the .deb of a package in the folder that `buildPackages` fills. */
export function debName(name: string, version: string): string {
  return `${name}_${version}_all.deb`
}

/** Makes a .deb of every package of the lab in `folder`, and their index stanzas in `folder/Packages`. */
export async function buildPackages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(demoPackages.map((demo) => buildPackage(demo, folder)))
  const index = await requireCommand('sh', ['-c', 'cd "$1" && apt-ftparchive packages .', 'sh', folder])
  await writeFile(join(folder, 'Packages'), index)
}

async function buildPackage(demo: DemoPackage, folder: string): Promise<void> {
  const tree = join(folder, `${demo.name}-${demo.version}.tree`)
  const conffiles = Object.keys(demo.files).filter((path) => path.startsWith('/etc/'))
  const control = [
    `Package: ${demo.name}`,
    `Version: ${demo.version}`,
    'Architecture: all',
    'Maintainer: Pitstop lab <lab@localhost>',
    ...(demo.control ?? []),
    `Description: ${demo.name} of the lab`,
  ]
  await put(join(tree, 'DEBIAN/control'), control)
  if (conffiles.length > 0) await put(join(tree, 'DEBIAN/conffiles'), conffiles)
  for (const [script, text] of Object.entries(demo.scripts ?? {})) {
    await put(join(tree, 'DEBIAN', script), [text.trimEnd()])
    await chmod(join(tree, 'DEBIAN', script), 0o755)
  }
  for (const [path, text] of Object.entries(demo.files)) await put(join(tree, path), [text.trimEnd()])
  for (const path of demo.executable ?? []) await chmod(join(tree, path), 0o755)
  await requireCommand('dpkg-deb', [
    '--root-owner-group',
    '-Znone',
    '-b',
    tree,
    join(folder, debName(demo.name, demo.version)),
  ])
  await rm(tree, { recursive: true })
}

async function put(path: string, textLines: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${textLines.join('\n')}\n`)
}
