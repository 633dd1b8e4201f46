import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firewallState } from '../../../src/facts/firewall-state'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitstop-nft-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What the script makes of a ruleset as `nft list ruleset` prints it; undefined: nft fails. */
function read(ruleset: string | undefined, shell: readonly string[], awk: 'awk' | 'busybox') {
  writeFileSync(
    join(folder, 'nft'),
    ruleset === undefined ? '#!/bin/sh\nexit 1\n' : `#!/bin/sh\ncat <<'END'\n${ruleset}END\n`,
  )
  chmodSync(join(folder, 'nft'), 0o755)
  const tools = join(folder, 'tools')
  mkdirSync(tools, { recursive: true })
  if (awk === 'busybox') symlinkSync('/usr/bin/busybox', join(tools, 'awk'))
  const [program = '', ...args] = [...shell, '-c', firewallState.sh.text]
  const done = spawnSync(program, args, { env: { PATH: `${folder}:${tools}:/usr/bin:/bin`, LC_ALL: 'C' } })
  return firewallState.parse(done.stdout.toString(), done.status ?? 255)
}

const UFW = `table ip filter {
	chain ufw-user-input {
		tcp dport 22 counter packets 0 bytes 0 accept
	}
	chain INPUT {
		type filter hook input priority filter; policy drop;
		counter packets 5 bytes 300 jump ufw-before-input
		counter packets 5 bytes 300 jump ufw-user-input
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
}
`
const CONTAINERS = `table ip nat {
	chain DOCKER {
		iifname != "docker0" tcp dport 80 dnat to 172.17.0.2:80
	}
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local counter packets 0 bytes 0 jump DOCKER
	}
}
`
const OWN_AND_BANS = `table inet pitstop {
	chain input {
		type filter hook input priority -10; policy accept;
		tcp dport 80 reject
	}
}
table inet f2b-table {
	chain f2b-chain {
		type filter hook input priority filter - 1; policy accept;
		tcp dport 22 ip saddr @addr-set-sshd reject with icmp port-unreachable
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		meta l4proto tcp counter packets 0 bytes 0 jump f2b-sshd
	}
}
`

describe.each([
  ['dash', ['dash'], 'awk'],
  ['BusyBox', ['busybox', 'sh'], 'busybox'],
] as const)('firewallState in %s', (_, shell, awk) => {
  it('counts rules and policy of what hooks into input, and nothing else', () => {
    const chains = [{ name: 'ip filter INPUT', policy: 'drop', rules: 2 }]
    expect(read(UFW + CONTAINERS, shell, awk)).toEqual({ ok: true, value: { active: true, chains } })
  })

  it('takes rules of containers alone for no firewall', () => {
    expect(read(CONTAINERS, shell, awk)).toEqual({ ok: true, value: { active: false, chains: [] } })
  })

  it('takes neither our own table nor ban lists for a firewall', () => {
    expect(read(OWN_AND_BANS, shell, awk)).toMatchObject({ ok: true, value: { active: false } })
  })

  it('is unknown where nft fails', () => {
    expect(read(undefined, shell, awk).ok).toBe(false)
  })
})
