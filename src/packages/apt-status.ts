import { ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import { READ_ONLY } from './apt-options'
import { sections } from './apt-simulation'
import type { Consistency, InstalledPackage, Reading } from './package-manager'

interface StatusRow {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly installedBytes: number | null
  /** dpkg's three letters: wanted, state, error. */
  readonly status: string
}

const STATUS = sh`dpkg --print-architecture && LC_ALL=C dpkg-query -W -f ${'${Package}\\t${Version}\\t${Architecture}\\t${Installed-Size}\\t${db:Status-Abbrev}\\n'}`

export const aptInstalled: Reading<ReadonlyMap<string, InstalledPackage>> = { sh: STATUS, parse: parseInstalled }

/**
 * `apt-get check` looks for broken dependencies among what is installed: without the lists of what could be, it is done in
 * a fiftieth of the time. It works beside dpkg-query, and its exit code is told last, with its own words where it failed.
 * `apt-get indextargets` fails for sources that cannot be read, whatever is installed. The folder `updates` holds files only
 * when dpkg itself was cut.
 */
export const aptConsistency: Reading<Consistency> = {
  sh: sh`{ e=$(LC_ALL=C apt-get ${READ_ONLY} -o Dir::State::lists=/nonexistent/ check 2>&1 >/dev/null); rc=$?; echo "$rc"
[ "$rc" = 0 ] || { LC_ALL=C apt-get ${READ_ONLY} indextargets >/dev/null 2>&1; echo "sources $?"; printf '%s\\n' "$e" | grep '^E: ' | head -n 3; }; } | {
{ ${STATUS}; } || exit 9
echo @journal
ls /var/lib/dpkg/updates || exit 9
echo @check
cat
}`,
  parse: parseConsistency,
}

function parseInstalled(out: string, rc: number): Result<ReadonlyMap<string, InstalledPackage>> {
  const rows = parseStatus(out.split('\n'), rc)
  if (!rows.ok) return rows
  const installed = rows.value.filter((row) => row.status[1] !== 'n' && row.status[1] !== 'c')
  return ok(new Map(installed.map(({ status: _, ...p }) => [p.name, p])))
}

function parseConsistency(out: string, rc: number): Result<Consistency> {
  const { before, after } = sections(out, '@journal')
  const rows = parseStatus(before, rc)
  if (!rows.ok) return rows
  const rest = sections(after.join('\n'), '@check')
  const check = /^\d+$/.test(rest.after[0] ?? '') ? Number(rest.after[0]) : null
  if (check === null) return unknown('apt-get check gave no exit code')
  const unsettled = rows.value.filter((row) => !/^.[nci] ?$/.test(row.status))
  const journal = rest.before.some((file) => /^\d+$/.test(file))
  const said = rest.after.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3))
  const why = `apt-get check ended with exit code ${check}${said.length === 0 ? '' : `: ${said.join('; ').slice(0, 300)}`}`
  const isUnreadable = rest.after.some((line) => /^sources [1-9]\d*$/.test(line))
  const problems = [
    ...unsettled.map((row) => `${row.name} ${row.version} is ${describe(row.status)}`),
    ...(journal ? ['dpkg was interrupted'] : []),
    ...(check === 0 ? [] : [why]),
  ]
  // A package that its own script left half configured was not cut: finishing it fails again. A cut leaves the journal too.
  const failedItself = unsettled.some((row) => row.status[1] === 'F')
  const interrupted = journal || (unsettled.length > 0 && !failedItself)
  const found = { ok: problems.length === 0, problems, interrupted }
  return ok(isUnreadable ? { ...found, unreadable: said[0] ?? why } : found)
}

function parseStatus(lines: readonly string[], rc: number): Result<readonly StatusRow[]> {
  if (rc !== 0) return unknown(`dpkg-query ended with exit code ${rc}`)
  const [native = '', ...rows] = lines
  const parsed: StatusRow[] = []
  for (const row of rows) {
    if (row === '') continue
    const [name, version, architecture, kib, status] = row.split('\t')
    if (name === undefined || version === undefined || architecture === undefined || status === undefined)
      return unknown(`a line of dpkg-query could not be read: ${row.slice(0, 200)}`)
    const own = architecture === native || architecture === 'all' || architecture === ''
    parsed.push({
      name: own ? name : `${name}:${architecture}`,
      version,
      architecture,
      installedBytes: kib !== undefined && /^\d{1,15}$/.test(kib) ? Number(kib) * 1024 : null,
      status,
    })
  }
  return native === '' || parsed.length === 0 ? unknown('dpkg-query listed nothing') : ok(parsed)
}

const STATES: Readonly<Record<string, string>> = {
  H: 'half-installed',
  U: 'unpacked, not configured',
  F: 'half-configured',
  W: 'waiting for triggers',
  t: 'with pending triggers',
}

function describe(status: string): string {
  const state = STATES[status[1] ?? ''] ?? `in the state "${status.trim()}"`
  return status[2] === 'R' ? `${state}, and must be installed again` : state
}
