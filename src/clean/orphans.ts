import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { READ_ONLY } from '../packages/apt-options'
import { sh } from '../shell/sh'

export interface Orphans {
  /** Packages that nothing needs any more, by apt's own simulation. */
  readonly names: readonly string[]
  /** Those among them that the system calls essential, protected, or required. */
  readonly vital: readonly string[]
}

const FORMAT = '${Package} ${Essential} ${Protected} ${Priority}\\n'

/** What `apt-get autoremove` would take away now. */
export const orphans: Fact<Orphans> = {
  id: 'orphans',
  sh: sh`command -v apt-get >/dev/null || exit 127
LC_ALL=C apt-get -s ${READ_ONLY} autoremove || exit 2
echo '== packages'
dpkg-query -W -f ${FORMAT} || exit 2`,
  cap: 4_194_304,
  parse: onSuccess(parse),
}

function parse(out: string): Result<Orphans> {
  const [simulation = '', table] = out.split('\n== packages\n')
  if (table === undefined) return unknown('the answer ends before the list of packages')
  const names: string[] = []
  for (const line of simulation.split('\n')) {
    if (/^(?:Inst|Conf) /.test(line)) return unknown('autoremove would install something')
    if (!/^(?:Remv|Purg) /.test(line)) continue
    const name = /^(?:Remv|Purg) ([a-z0-9][a-z0-9+.-]*(?::[a-z0-9]+)?) \[/.exec(line)?.[1]
    if (name === undefined) return unknown('apt-get printed a removal in an unknown form')
    names.push(name)
  }
  const rows = new Map(table.split('\n').map((row) => [row.split(' ')[0] ?? '', row.split(' ').slice(1)]))
  return ok({ names, vital: names.filter((name) => isVital(rows.get(name.replace(/:.*/, '')))) })
}

/** `yes` for Essential or Protected, or priority required. A package that is not in the table counts as vital. */
function isVital(row: readonly string[] | undefined): boolean {
  return row === undefined || row.includes('yes') || row.includes('required')
}
