import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { requireCommand } from './run-command'

/** Programs that the lab runs on this machine, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  nft: 'nftables',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  socat: 'socat',
  'apt-ftparchive': 'apt-utils',
  'dpkg-deb': 'dpkg',
  'mkfs.ext4': 'e2fsprogs',
  nsenter: 'util-linux',
}

/** One sentence why this machine can have no lab, or null when it can (after `installMissingPackages`). */
export function whyNoLab(): string | null {
  if (process.platform !== 'linux')
    return `test hosts are systemd-nspawn machines, which ${process.platform} cannot run`
  if (process.getuid?.() !== 0) return 'test hosts are systemd-nspawn machines, which only root may start'
  if (!isOnPath('apt-get') && missingPackages().length > 0)
    return `${missingPackages().join(', ')} are missing and there is no apt-get`
  return null
}

function missingPackages(): string[] {
  const missing = Object.entries(programs).filter(([program]) => !isOnPath(program))
  return [...new Set(missing.map(([, name]) => name))]
}

/** Installs with apt-get what the lab needs and this machine lacks; touches nothing when all is there. */
export async function installMissingPackages(): Promise<void> {
  const packages = missingPackages()
  if (packages.length === 0) return
  await requireCommand('apt-get', ['update', '-q'])
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await requireCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env })
}

function isOnPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}
