import { sh } from '../shell/sh'
import { aptDownload, aptExact, aptKeepInstalled, aptRefresh, aptRepair, aptRollback, aptUpgrade } from './apt-commands'
import { aptAskedConfiguration, aptLeftConfiguration } from './apt-conffiles'
import { aptListsAge } from './apt-lists'
import { aptLock, aptUnlocked } from './apt-lock'
import { APT_ENV, READ_ONLY } from './apt-options'
import { parseSimulation } from './apt-simulation'
import { aptConsistency, aptInstalled } from './apt-status'
import { aptTransaction } from './apt-transaction'
import type { PackageManager } from './package-manager'

/** Debian, Ubuntu and their children. */
export const apt: PackageManager = {
  id: 'apt',
  present: sh`command -v apt-get >/dev/null && command -v dpkg-query >/dev/null`,
  env: APT_ENV,
  installed: aptInstalled,
  upgradable: {
    sh: sh`sim=$(LC_ALL=C apt-get -s ${READ_ONLY} dist-upgrade) || exit $?
printf '%s\\n' "$sim" | grep -E '^(Inst|Remv|Purg) '
echo @madison
printf '%s\\n' "$sim" | sed -n 's/^Inst \\([^ ]*\\) \\[.*/\\1/p' | LC_ALL=C xargs -r apt-cache ${READ_ONLY} madison || exit $?
echo @policy
printf '%s\\n' "$sim" | sed -n 's/^Inst \\([^ ]*\\) \\[.*/\\1/p' | LC_ALL=C xargs -r apt-cache ${READ_ONLY} policy || exit $?`,
    parse: parseSimulation,
  },
  consistency: aptConsistency,
  lock: aptLock,
  unlocked: aptUnlocked(),
  listsAgeSeconds: aptListsAge,
  leftConfiguration: aptLeftConfiguration,
  askedConfiguration: aptAskedConfiguration,
  transaction: aptTransaction,
  exact: aptExact,
  refresh: aptRefresh,
  download: aptDownload,
  keepInstalled: aptKeepInstalled,
  upgrade: aptUpgrade,
  repair: aptRepair,
  rollback: aptRollback,
  list: sh`dpkg-query -W -f ${'${Package}:${Architecture}=${Version} ${db:Status-Abbrev}\\n'}`,
}
