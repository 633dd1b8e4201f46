import { ok, type Result } from '../facts/fact'
import { type Sh, sh } from '../shell/sh'
import { READ_ONLY } from './apt-options'
import { parseSimulation, sections } from './apt-simulation'
import type { ChosenUpgrade, Reading, Transaction, Upgrade } from './package-manager'

interface PackageRecord {
  readonly downloadBytes: number | null
  readonly installedBytes: number | null
  readonly canFetch: boolean
}

/** Simulates the install of exactly these `name=version`, and asks the sizes of every version, old and new, that takes part. */
export function aptTransaction(exact: readonly string[]): Reading<Transaction> {
  return { sh: transactionSh(exact), parse: parseTransaction }
}

function transactionSh(exact: readonly string[]): Sh {
  return sh`sim=$(LC_ALL=C apt-get -s ${READ_ONLY} install ${exact}) || exit $?
printf '%s\\n' "$sim" | grep -E '^(Inst|Remv|Purg) '
echo @automatic
printf '%s\\n' "$sim" | sed -n 's/^Inst \\([^ ]*\\) .*/\\1/p' | LC_ALL=C xargs -r apt-mark showauto
echo @records
printf '%s\\n' "$sim" | sed -n -e 's/^Inst \\([^ ]*\\) \\[\\([^]]*\\)\\] (\\([^ ]*\\) .*/\\1=\\3 \\1=\\2/p' -e 's/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*/\\1=\\2/p' |
  LC_ALL=C xargs -r apt-cache ${READ_ONLY} show | grep -E '^(Package|Version|Architecture|Installed-Size|Size|Filename): |^$'
exit 0`
}

function parseTransaction(out: string, rc: number): Result<Transaction> {
  const { before, after } = sections(out, '@automatic')
  const simulation = parseSimulation(before.join('\n'), rc)
  if (!simulation.ok) return simulation
  const rest = sections(after.join('\n'), '@records')
  const records = parseRecords(rest.after)
  return ok({
    upgrades: simulation.value.upgrades.map((u) => withSizes(u, records)),
    removals: simulation.value.removals,
    automatic: rest.before.filter((name) => name !== ''),
  })
}

const key = (name: string, version: string, architecture: string) => `${name} ${version} ${architecture}`

function withSizes(upgrade: Upgrade, records: ReadonlyMap<string, PackageRecord>): ChosenUpgrade {
  const name = upgrade.name.replace(/:.*/, '')
  const find = (version: string) =>
    records.get(key(name, version, upgrade.architecture)) ?? records.get(key(name, version, 'all'))
  const next = find(upgrade.to)
  const now = upgrade.from === null ? undefined : find(upgrade.from)
  return {
    ...upgrade,
    downloadBytes: next?.downloadBytes ?? null,
    installedBytes: next?.installedBytes ?? null,
    installedBytesBefore: upgrade.from === null ? 0 : (now?.installedBytes ?? null),
    canFetchInstalled: now?.canFetch ?? false,
    installedDownloadBytes: now?.downloadBytes ?? null,
  }
}

/** Stanzas of `apt-cache show`. A version known only from dpkg's own status has no `Filename`: no source offers it any more. */
function parseRecords(rows: readonly string[]): ReadonlyMap<string, PackageRecord> {
  const byKey = new Map<string, PackageRecord>()
  let fields = new Map<string, string>()
  for (const row of [...rows, '']) {
    const at = row.indexOf(': ')
    if (at > 0) fields.set(row.slice(0, at), row.slice(at + 2))
    if (row === '' && fields.size > 0) {
      const id = key(fields.get('Package') ?? '', fields.get('Version') ?? '', fields.get('Architecture') ?? '')
      const record = toRecord(fields)
      if (record.canFetch || !byKey.has(id)) byKey.set(id, record)
      fields = new Map()
    }
  }
  return byKey
}

function toRecord(fields: ReadonlyMap<string, string>): PackageRecord {
  const installedKib = wholeNumber(fields.get('Installed-Size'))
  return {
    downloadBytes: wholeNumber(fields.get('Size')),
    installedBytes: installedKib === null ? null : installedKib * 1024,
    canFetch: fields.has('Filename'),
  }
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
