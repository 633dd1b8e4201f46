import type { HostContext } from '../../engine/host-context'
import { packageManagerId } from '../../packages/facts'
import { sh } from '../../shell/sh'
import { ruleAt } from '../../stages/rule'
import { type Found, NOTHING_FOUND } from './sight'

/** Sources of apt that name a disc, as `file:line`; then whether apt knows any disc. Comments and disabled files are no sources. */
const LOOK = sh`cd /etc/apt || exit 1
for f in sources.list sources.list.d/*.list; do
  [ -f "$f" ] && sed -n ${String.raw`/^[[:space:]]*deb\(-src\)\{0,1\}[[:space:]].*cdrom:/p`} "$f" | grep -q . && printf '%s\\n' "/etc/apt/$f"
done
for f in sources.list.d/*.sources; do
  [ -f "$f" ] && grep -qi ${'^URIs:.*cdrom:'} "$f" && ! grep -qi ${'^Enabled:[[:space:]]*no'} "$f" && printf '%s\\n' "/etc/apt/$f"
done
[ -s /var/lib/apt/cdroms.list ] && echo known
exit 0`

/**
 * A source on a disc makes each refresh fail where apt does not know the disc, and an update ask for it where it does. A
 * refresh that fails leaves the host untouched; the plan says so before.
 */
export async function findDiscs(x: HostContext): Promise<Found> {
  const { packages } = x.host.stages.update
  if (packages === 'none' || x.known.facts.or(packageManagerId, null) !== 'apt') return NOTHING_FOUND
  const [answer] = await x.machine.ask([{ id: 'apt-discs', sh: LOOK, cap: 65_536 }], x.signal)
  const lines = answer?.rc === 0 ? answer.out.split('\n').filter((line) => line !== '') : []
  const files = lines.filter((line) => line !== 'known')
  if (files.length === 0) return NOTHING_FOUND
  const where = `apt has a source on a disc (cdrom:, in ${files.join(', ')})`
  if (lines.includes('known')) return { stops: [], notes: [`${where}: an update that needs it fails unless it is in`] }
  const reason = `${where} and knows no disc, so the package lists cannot be refreshed. Comment the source out`
  return { stops: [{ stage: 'prepare', reason, rule: ruleAt(x.host, 'stages.update.packages', packages) }], notes: [] }
}
