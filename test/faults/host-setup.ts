import type { Lab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { HELPER, TARGETS } from './scenario'

/** Ports of the helper: users ask at one, the other shows the balancer's own view of its servers. */
export const USERS_PORT = 8100
export const STATS_PORT = 8101
export const SERVICE_PORT = 8080

/**
 * Writes one line of its own: seconds since the machine started (which all hosts of a lab share, so no clock is compared),
 * boot, run, and what was done. The file lies on another disk than the one that is filled.
 */
const WITNESS = `#!/bin/sh
read -r up _ </proc/uptime
read -r boot </proc/sys/kernel/random/boot_id
echo "$up $boot \${PITSTOP_RUN:--} $*" >>/var/log/witness
`

const USERS_GATE = `#!/bin/sh
nft -f - <<'END'
add table inet users
delete table inet users
END
[ -e /etc/users-out ] || exit 0
nft -f - <<'END'
table inet users {
  chain input {
    type filter hook input priority 0; policy accept;
    iif lo accept
    tcp dport ${SERVICE_PORT} reject with tcp reset
  }
}
END
`

const AT_BOOT = `[Unit]
Description=What the lab notes and restores at every boot
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/bin/users-gate
ExecStart=/usr/local/bin/witness boot
[Install]
WantedBy=sysinit.target
`

async function put(host: LabHost, path: string, text: string): Promise<void> {
  await host.must(`cat >${path} && chmod 755 ${path}`, { input: text })
}

/** What a struck host has besides the lab's packages. */
export async function setUpTarget(host: LabHost): Promise<void> {
  await put(host, '/usr/local/bin/witness', WITNESS)
  await put(host, '/usr/local/bin/users-gate', USERS_GATE)
  await host.must('cat >/etc/systemd/system/lab-boot.service && systemctl -q enable lab-boot.service', {
    input: AT_BOOT,
  })
  await host.must('mkdir -p /var/lib/demo-slow && echo 1 >/var/lib/demo-slow/seconds; apt-get -qq update')
}

/** The balancer: no retries and no checks of its own, so that whatever it is told shows. */
export async function setUpHelper(lab: Lab): Promise<void> {
  const host = lab.host(HELPER)
  await put(host, '/usr/local/bin/witness', WITNESS)
  const servers = TARGETS.map((name) => `  server ${name} ${lab.host(name).address}:${SERVICE_PORT}`)
  const config = `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 500ms
  timeout client 5s
  timeout server 5s
  retries 0
listen web
  bind *:${USERS_PORT}
  http-response set-header x-served-by %s
${servers.join('\n')}
frontend shown
  bind *:${STATS_PORT}
  stats enable
  stats uri /
`
  await host.must('cat >/etc/haproxy/haproxy.cfg && systemctl -q enable haproxy && systemctl restart haproxy', {
    input: config,
  })
}
