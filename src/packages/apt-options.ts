import { type Sh, sh } from '../shell/sh'
import type { ConfigFiles } from './package-manager'

/** Nothing asks, nothing pages, nothing restarts a service behind our back. */
export const APT_ENV = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
  UCF_FORCE_CONFFOLD: '1',
  APT_LISTCHANGES_FRONTEND: 'none',
  // It refuses a whole upgrade for one bug somebody reported, where nobody can be asked.
  APT_LISTBUGS_FRONTEND: 'none',
  LC_ALL: 'C',
} as const

/** A simulation that takes no lock and writes no cache file: a plan changes nothing on a host. */
export const READ_ONLY: Sh = sh`-o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=`

/** What dpkg does without asking; `hold` looks before and after, and keeps meanwhile. */
export function dpkgChoice(configFiles: ConfigFiles): readonly string[] {
  return configFiles === 'replace' ? ['--force-confnew'] : ['--force-confdef', '--force-confold']
}

/** ucf knows no options, and refuses to be told both. */
export function ucfChoice(configFiles: ConfigFiles): Sh {
  return configFiles === 'replace' ? sh`UCF_FORCE_CONFFOLD= UCF_FORCE_CONFFNEW=1 ` : sh``
}

/** Waits for dpkg's locks; keeps changed configuration files, as a person would who was not asked, unless told otherwise. */
export function changingOptions(lockWaitMs: number, configFiles: ConfigFiles = 'keep'): Sh {
  const choice = dpkgChoice(configFiles).flatMap((option) => ['-o', `Dpkg::Options::=${option}`])
  return sh`-y -q -o DPkg::Lock::Timeout=${Math.ceil(lockWaitMs / 1000)} -o Dpkg::Use-Pty=0 ${choice} -o APT::Sandbox::User=root`
}

/** Package files live in a folder of our own: neither `apt-get clean` nor a post-invoke hook reaches it. */
export function archives(folder: string): Sh {
  return sh`-o ${`Dir::Cache::archives=${folder}/`} -o APT::Keep-Downloaded-Packages=true`
}
