/** One version of a Debian package that exists only in the lab. */
export interface DemoPackage {
  readonly name: string
  readonly version: string
  /** Further control fields, as `Depends: x`. */
  readonly control?: readonly string[]
  /** Absolute path → content; files below /etc are conffiles. */
  readonly files: Readonly<Record<string, string>>
  /** Absolute paths of `files` that can be run. */
  readonly executable?: readonly string[]
  readonly scripts?: Readonly<Partial<Record<'preinst' | 'postinst' | 'prerm' | 'postrm', string>>>
}

const onConfigure = (commands: string) => `#!/bin/sh\nset -e\nif [ "$1" = configure ]; then\n${commands}\nfi\n`

function plain(name: string, version: string, more: Partial<DemoPackage> = {}): DemoPackage {
  const path = `/usr/bin/${name}`
  return { name, version, files: { [path]: `#!/bin/sh\necho ${name} ${version}\n` }, executable: [path], ...more }
}

const webUnit = `[Unit]
Description=A small web service of the lab
After=network.target

[Service]
ExecStart=/usr/sbin/nginx -c /usr/share/demo-web/nginx.conf -g 'daemon off;'
ExecReload=/bin/kill -HUP $MAINPID

[Install]
WantedBy=multi-user.target
`

// What debhelper writes: `deb-systemd-invoke restart` starts a unit that is stopped, as long as it is enabled.
const webPostinst = onConfigure(`  deb-systemd-helper unmask demo-web.service > /dev/null || true
  if deb-systemd-helper --quiet was-enabled demo-web.service; then
    deb-systemd-helper enable demo-web.service > /dev/null || true
  else
    deb-systemd-helper update-state demo-web.service > /dev/null || true
  fi
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload > /dev/null || true
    if [ -n "$2" ]; then action=restart; else action=start; fi
    deb-systemd-invoke $action demo-web.service > /dev/null || true
  fi`)

const webPrerm = `#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then deb-systemd-invoke stop demo-web.service > /dev/null || true; fi
`

function web(version: string, health: string): DemoPackage {
  const config = `pid /run/demo-web.pid;
error_log stderr;
events {}
http {
  access_log off;
  default_type text/plain;
  server {
    listen 8080;
    location = /health { return ${health}; }
    location / { return 200 "demo-web ${version}\\n"; }
  }
}
`
  return {
    name: 'demo-web',
    version,
    control: ['Depends: nginx-light'],
    files: { '/usr/share/demo-web/nginx.conf': config, '/lib/systemd/system/demo-web.service': webUnit },
    scripts: { postinst: webPostinst, prerm: webPrerm },
  }
}

/** Asks for a reboot as kernels and libc do. */
const askForReboot = onConfigure('  touch /run/reboot-required\n  echo demo-reboot >> /run/reboot-required.pkgs')

/** Sleeps /var/lib/demo-slow/seconds (20 when absent), with a mark before and one after: time to pull the cable. */
const takeTime = onConfigure(`  mkdir -p /var/lib/demo-slow
  : > /var/lib/demo-slow/begun
  sleep "$(cat /var/lib/demo-slow/seconds 2> /dev/null || echo 20)"
  : > /var/lib/demo-slow/finished`)

const failAlways = onConfigure('  echo "demo-broken cannot be configured" >&2\n  exit 1')

/** Every package of the lab. Hosts are born with all 1.0; a test offers them what it wants of the rest. */
export const demoPackages: readonly DemoPackage[] = [
  plain('pitstop-demo', '1.0'),
  plain('pitstop-demo', '2.0'),
  // A web service on port 8080 whose /health tells its version.
  web('1.0', '200 "demo-web 1.0 ok\\n"'),
  web('2.0', '200 "demo-web 2.0 ok\\n"'),
  // A bad upgrade: installs well, runs, and is not healthy.
  web('3.0', '503 "demo-web 3.0 broken\\n"'),
  plain('demo-reboot', '1.0'),
  plain('demo-reboot', '2.0', { scripts: { postinst: askForReboot } }),
  plain('demo-slow', '1.0'),
  plain('demo-slow', '2.0', { scripts: { postinst: takeTime } }),
  // 2.0 cannot be had without removing demo-victim.
  plain('demo-victim', '1.0'),
  plain('demo-remover', '1.0'),
  plain('demo-remover', '2.0', { control: ['Conflicts: demo-victim'] }),
  // A conffile that changes with the version.
  plain('demo-conf', '1.0', { files: { '/etc/demo-conf.conf': 'colour = red\n' }, executable: [] }),
  plain('demo-conf', '2.0', { files: { '/etc/demo-conf.conf': 'colour = blue\n' }, executable: [] }),
  // Left half configured by its own script; 3.0 repairs it.
  plain('demo-broken', '1.0'),
  plain('demo-broken', '2.0', { scripts: { postinst: failAlways } }),
  plain('demo-broken', '3.0'),
]
