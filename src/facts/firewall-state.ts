import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { decimal, linesOf } from './text'

/** One chain through which packets come in. */
export interface InputChain {
  /** `inet filter input`, `iptables INPUT` */
  readonly name: string
  readonly policy: 'accept' | 'drop'
  /** Rules in it, without those that only ban single addresses. */
  readonly rules: number
}

export interface FirewallState {
  /** Some chain of incoming packets drops by default, or has rules. */
  readonly active: boolean
  readonly chains: readonly InputChain[]
}

/**
 * What really filters incoming packets, whoever set it up (ufw, firewalld, a file): the rules in the kernel, never the state
 * of a unit. Our own table and the tables of ban lists (they appear with the first ban) do not count.
 * The rules stay on the host; only names and counts are printed, as clusters have tens of thousands.
 */
export const firewallState: Fact<FirewallState> = {
  id: 'firewall-state',
  costMs: 12,
  needs: 'root',
  sh: sh`command -v awk >/dev/null || exit 127
seen=127
if command -v nft >/dev/null; then
  rules=$(nft -t list ruleset) || rules=$(nft list ruleset) || exit 1
  seen=0
  printf '%s\\n' "$rules" | awk '
    /^table / { table = $2 " " $3; own = ($3 == "pitstop" || $3 ~ /^f2b/ || $3 ~ /crowdsec/) }
    /^\\tchain / { chain = $2; hook = ""; policy = "accept"; rules = 0 }
    /^\\t\\ttype [a-z]+ hook / { hook = $4; if (/policy drop/) policy = "drop"; next }
    /^\\t\\t/ && !/ jump f2b-/ && !/^\\t\\tcomment / { rules++ }
    /^\\t}/ { if (hook == "input" && !own) print "chain", policy, rules, table, chain; hook = "" }'
fi
for family in ip ip6; do
  grep -qx filter "/proc/net/\${family}_tables_names" || continue
  rules=$("\${family}tables-legacy-save" -t filter) || rules=$("\${family}tables-save" -t filter) || exit 1
  seen=0
  printf '%s\\n' "$rules" | awk -v family="$family" '
    /^:INPUT / { policy = tolower($2) }
    /^-A INPUT / && !/ -j f2b-/ { rules++ }
    END { print "chain", policy, rules + 0, family "tables INPUT" }'
done
exit "$seen"`,
  cap: 262_144,
  parse: onSuccess(parse),
}

function parse(out: string): Result<FirewallState> {
  const chains: InputChain[] = []
  for (const line of linesOf(out)) {
    const match = /^chain (accept|drop) (\d{1,9}) (.{1,256})$/.exec(line)
    const rules = decimal(match?.[2])
    if (!match?.[3] || rules === undefined) return unknown('the list of chains is in an unknown form')
    chains.push({ name: match[3], policy: match[1] === 'drop' ? 'drop' : 'accept', rules })
  }
  return ok({ active: chains.some((chain) => chain.policy === 'drop' || chain.rules > 0), chains })
}
