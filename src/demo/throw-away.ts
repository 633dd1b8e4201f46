import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MaintenanceError } from '../errors'
import { childEnv } from '../host/child-env'

/** Whose rights the hosts of the demo have. null: those of whoever started it. */
export type LoginIds = { readonly uid: number; readonly gid: number } | null

/** `nobody` on every Linux; looked up nowhere, so that a machine without the name does as well. */
const NOBODY = { uid: 65_534, gid: 65_534 } as const

/**
 * The hosts of the demo are this machine itself. Started as root they log in as nobody, so that no stage finds rights to
 * change anything outside the throw-away folder. @throws MaintenanceError where root cannot give its rights up
 */
export function loginIds(): LoginIds {
  if (process.getuid?.() !== 0) return null
  const tried = spawnSync('/bin/sh', ['-c', 'id -u'], {
    ...NOBODY,
    cwd: '/',
    encoding: 'utf8',
    env: childEnv(process.env),
  })
  if (tried.status === 0 && tried.stdout.trim() === String(NOBODY.uid)) return NOBODY
  throw new MaintenanceError('the demo cannot give up the rights of root here', {
    hint: 'Start it as an ordinary user: its hosts are this machine, and it must not be able to change it.',
  })
}

/** Folders whose archives need root on a real host; the demo's hosts have none. */
const OF_THE_SYSTEM = /^\/(?:etc|root|var|boot)(?:\/|$)/

/** A new folder for everything the demo makes, reports excepted. @throws MaintenanceError where none can be made */
export function makeThrowAwayFolder(ids: LoginIds): string {
  for (const named of new Set([tmpdir(), '/tmp', '/dev/shm'])) {
    if (!isWritable(named)) continue
    // What is cleaned must be named by its real path.
    const parent = realpathSync(named)
    if (OF_THE_SYSTEM.test(parent)) continue
    const folder = mkdtempSync(join(parent, 'pitstop-demo-'))
    if (ids !== null) chownSync(folder, ids.uid, ids.gid)
    return folder
  }
  throw new MaintenanceError('there is no place for the throw-away folders of the demo', {
    hint: 'Set TMPDIR to a folder you may write to, outside /etc, /root, /var and /boot.',
  })
}

export function removeThrowAwayFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Package managers are not among the programs of the hosts: what this machine has pending or broken is not theirs. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  'node',
  ...['apt', 'apt-get', 'apt-cache', 'dpkg', 'dpkg-query', 'rpm', 'dnf', 'yum', 'zypper', 'pacman', 'apk'],
])

/** Fills `folder` with links to the programs of this machine and to the Node that runs: the PATH of every host. */
export function providePrograms(folder: string, ids: LoginIds): void {
  for (const path of ['/usr/local/bin', '/usr/bin', '/bin']) {
    if (!existsSync(path)) continue
    for (const name of readdirSync(path)) {
      const link = join(folder, name)
      if (!NOT_THEIRS.has(name) && lstatSync(link, { throwIfNoEntry: false }) === undefined)
        symlinkSync(join(path, name), link)
    }
  }
  provideNode(join(folder, 'node'), ids)
}

/** A login that may not reach where Node is installed gets a name of it that it can reach. */
function provideNode(path: string, ids: LoginIds): void {
  const probe = spawnSync(process.execPath, ['-e', ''], { ...ids, cwd: '/', env: childEnv(process.env) })
  if (probe.status === 0) {
    symlinkSync(process.execPath, path)
    return
  }
  try {
    linkSync(process.execPath, path)
  } catch {
    // Another file system, or one without hard links.
    copyFileSync(process.execPath, path)
  }
}

/** Gives a folder and all in it to the login of the hosts. Links are given away as links. */
export function giveToLogin(folder: string, ids: LoginIds): void {
  if (ids === null) return
  chownSync(folder, ids.uid, ids.gid)
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    const found = lstatSync(path)
    if (found.isDirectory()) giveToLogin(path, ids)
    // A hard link to Node is a file of the system: it stays what it is.
    else if (found.isFile() && found.nlink === 1) chownSync(path, ids.uid, ids.gid)
  }
}
