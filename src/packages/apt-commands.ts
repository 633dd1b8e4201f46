import { type Sh, sh } from '../shell/sh'
import { archives, changingOptions, dpkgChoice, ucfChoice } from './apt-options'
import type { ConfigFiles, Transaction, Upgrade, UpgradeOptions } from './package-manager'

/**
 * A mirror that fails is a failure: without `Error-Mode=any` apt-get only warns, and the update would use old lists. A hook
 * that apt runs behind it is none: a second refresh without hooks tells whether the lists themselves are fresh.
 */
export function aptRefresh(lockWaitMs: number): Sh {
  const options = sh`${changingOptions(lockWaitMs)} -o APT::Update::Error-Mode=any`
  return sh`if apt-get ${options} update; then exit 0; fi
apt-get -c /dev/stdin ${options} update <<'HOOKS' || exit
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke;
HOOKS
echo ${'The package lists are fresh. A hook that apt runs after a refresh fails on this host (APT::Update::Post-Invoke-Success).'} >&2`
}

/**
 * apt leaves what a `file:` source has where it is, and `--no-download` then fails on its path: what is still to be fetched
 * from such a source after the download is copied beside the rest.
 */
export function aptDownload(exact: readonly string[], folder: string, lockWaitMs: number): Sh {
  const options = sh`${changingOptions(lockWaitMs)} ${archives(folder)}`
  return sh`mkdir -p -- ${`${folder}/partial`} && apt-get ${options} --download-only install ${exact} || exit
uris=$(apt-get -qq ${options} --print-uris install ${exact}) || exit
local=$(printf '%s\\n' "$uris" | sed -n ${LOCAL_URIS} | sed ${'s/%3a/:/g'})
[ -z "$local" ] || { cd -- ${folder} && printf '%s\\n' "$local" | xargs apt-get -q -o APT::Sandbox::User=root download; }`
}

/** `'file:/srv/repo/app_1%3a2_all.deb' app_1%3a2_all.deb 640 SHA256:…` as `app:all=1%3a2`. */
const LOCAL_URIS = "s/^'\\(file\\|copy\\):[^']*' \\([^_ ]*\\)_\\([^_ ]*\\)_\\([^_ ]*\\)\\.deb .*/\\2:\\4=\\3/p"

/**
 * Fetches the versions that are installed now: from a source that still has them, else from the host's own cache.
 * Every file is read through to its end before it is printed, so that a rollback never meets a torn one.
 */
export function aptKeepInstalled(wanted: readonly Upgrade[], fetchable: readonly string[], folder: string): Sh {
  const cached = wanted.filter((u) => u.from !== null && !fetchable.includes(aptExact(u.name, u.from)))
  const patterns = cached.map((u) => `${u.name.replace(/:.*/, '')}_${(u.from ?? '').replaceAll(':', '%3a')}_`)
  const fetch = fetchable.length === 0 ? sh`:` : sh`apt-get -q -o APT::Sandbox::User=root download ${fetchable} >&2`
  return sh`mkdir -p -- ${folder} && cd -- ${folder} || exit 1
${fetch} || echo ${'Not all installed versions could be fetched.'} >&2
for p in ${patterns.length === 0 ? sh`""` : patterns}; do
  [ -n "$p" ] || continue
  for f in "/var/cache/apt/archives/$p"*.deb; do [ ! -f "$f" ] || cp -- "$f" . || exit 1; done
done
for f in *.deb; do
  [ -f "$f" ] || continue
  dpkg-deb --fsys-tarfile "$f" >/dev/null 2>&1 || { rm -f -- "$f"; continue; }
  printf '%s\\t%s\\n' "$(dpkg-deb -W --showformat=${'${Package}\\t${Version}\\t${Architecture}'} "$f")" "$f"
done
exit 0`
}

/** Exactly these versions. apt-get marks what it is told by name as installed by hand, so the marks are put back. */
export function aptUpgrade(transaction: Transaction, options: UpgradeOptions, lockWaitMs: number): Sh {
  const exact = transaction.upgrades.map((u) => aptExact(u.name, u.to))
  const source = options.folder === null ? sh`` : sh`${archives(options.folder)} --no-download `
  const removals = options.removals === 'refuse' ? sh`--no-remove ` : sh``
  const marks = transaction.upgrades
    .filter((u) => u.from === null || transaction.automatic.includes(u.name))
    .map((u) => u.name)
  const { configFiles } = options
  return sh`${ucfChoice(configFiles)}apt-get ${changingOptions(lockWaitMs, configFiles)} ${source}${removals}install ${exact}; rc=$?
${restoreMarks(marks)}exit $rc`
}

export function aptRepair(configFiles: ConfigFiles): Sh {
  return sh`${ucfChoice(configFiles)}dpkg ${dpkgChoice(configFiles)} --configure -a`
}

/**
 * Local files only; `--allow-downgrades` is what this is for, removals are not. A version that a source still offers counts
 * as that source's, even when its file is named, so the folder stands in for apt's own cache too.
 */
export function aptRollback(
  folder: string,
  files: readonly string[],
  automatic: readonly string[],
  lockWaitMs: number,
): Sh {
  const paths = files.map((file) => `${folder}/${file}`)
  return sh`mkdir -p -- ${`${folder}/partial`} && apt-get ${changingOptions(lockWaitMs)} ${archives(folder)} --no-download --no-remove --allow-downgrades install ${paths}; rc=$?
${restoreMarks(automatic)}exit $rc`
}

export function aptExact(name: string, version: string): string {
  return `${name}=${version}`
}

function restoreMarks(names: readonly string[]): Sh {
  return names.length === 0
    ? sh``
    : sh`apt-mark auto ${names} >/dev/null || echo ${'Some packages are now marked as installed by hand.'} >&2
`
}
