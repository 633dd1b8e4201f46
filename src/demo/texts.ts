/** Texts that the demo writes into its folder: what a user would have in a repository, and what runs on the hosts. */

/** The application of the demo: one answer for everybody, with the version that gives it. */
export const SERVER = `const { createServer } = require('node:http')
const { readFileSync, writeFileSync } = require('node:fs')

const [address, port, ready] = process.argv.slice(2)
const { version, status } = JSON.parse(readFileSync(__dirname + '/release.json', 'utf8'))
const body = status === 200 ? 'ok, version ' + version : 'version ' + version + ' cannot read its database'

createServer((request, response) => {
  response.writeHead(status, { 'content-type': 'text/plain', 'x-version': version })
  // Some work, so that a request can be under way when the host is taken out.
  setTimeout(() => response.end(body + '\\n'), 5)
}).listen(Number(port), address, () => writeFileSync(ready, version))
`

/** Stops what runs, puts another release in its place, starts it. `previous` is the one before. */
export const DEPLOY = `#!/bin/sh
set -eu
cd "$HOME/app"
release=$1
[ "$release" != previous ] || release=$(cat previous)
[ -f "releases/$release/server.cjs" ] || { echo "there is no release $release" >&2; exit 1; }

if [ -e current ]; then basename "$(readlink current)" >previous; fi
running() { [ -s pid ] && grep -q '^State:.[^Z]' "/proc/$(cat pid)/status" 2>/dev/null; }
if running; then
  kill "$(cat pid)"
  i=0
  while running && [ "$i" -lt 100 ]; do i=$((i + 1)); sleep 0.05; done
fi

rm -f ready
ln -sfn "releases/$release" current
read -r address port <listen
setsid node "$HOME/app/current/server.cjs" "$address" "$port" "$HOME/app/ready" </dev/null >>"$HOME/log/app.log" 2>&1 &
echo $! >pid

i=0
until [ -s ready ]; do
  i=$((i + 1))
  [ "$i" -lt 100 ] || { echo "release $release did not start" >&2; exit 1; }
  sleep 0.05
done
echo "release $release serves on $address:$port"
`

/** The process that was started is the one that runs, and it runs the release that was meant. */
export const SMOKE = `#!/bin/sh
set -eu
cd "$HOME/app"
kill -0 "$(cat pid)" || { echo "the application does not run" >&2; exit 1; }
[ "$(cat ready)" = "$(basename "$(readlink current)")" ] || { echo "another release runs than the one that is installed" >&2; exit 1; }
`

/** The admin side of the load balancer is a folder: a file takes a host out, another one says what is so. */
export const BALANCER = `#!/bin/sh
set -eu
cd "$HOME"
case $1 in
  out) : >"out/$2" ;;
  in) rm -f "out/$2" ;;
  state) cat "state/$2"; exit 0 ;;
  *) echo "usage: balancer.sh out|in|state HOST" >&2; exit 2 ;;
esac
i=0
until [ "$(cat "state/$2")" = "$1" ]; do
  i=$((i + 1))
  [ "$i" -lt 200 ] || { echo "the load balancer still says that $2 is $(cat "state/$2")" >&2; exit 1; }
  sleep 0.05
done
`

export interface DemoFileHost {
  readonly name: string
  readonly address: string
  readonly port: number
}

export interface DemoFileFacts {
  /** The throw-away folder. */
  readonly root: string
  readonly appPort: number
  readonly web: readonly DemoFileHost[]
  readonly balancer: DemoFileHost
}

/** The maintenance file of the demo. */
export function maintenanceText({ root, appPort, web, balancer }: DemoFileFacts): string {
  const entry = ({ name, address, port }: DemoFileHost) =>
    `  ${name}: { address: ${address}, port: ${port}, become: none, state_dir: ${root}/${name}/state`
  return `version: 1
name: Demo
owner: you
ssh: { user: demo }
hosts:
${web.map((host) => `${entry(host)}, group: web }`).join('\n')}
${entry(balancer)}, maintain: false }

# The first host alone, then one after the other. No pauses: nobody wants to wait for a demo.
rollout: { canary: 1, canary_soak: 0s, batch: 1, max_unavailable: 1, soak: 0s }

stages:
  prepare:
    backup:
      - archive: { paths: ["${root}/{host}/app"], to: "${root}/{host}/backups", keep: 2 }
    space: false
  monitor:
    sample: 0s
    # The hosts are this machine, which has other work: its load says nothing about them.
    limits: { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false }
  drain:
    traffic:
      - command:
          on: ${balancer.name}
          drain: ./balancer.sh out {host}
          undrain: ./balancer.sh in {host}
          state: ./balancer.sh state {host}
  clean:
    # What belongs to the system is left alone: these hosts have no root.
    package_cache: false
    kernels: false
    temp: false
    paths: [{ path: "${root}/{host}/log", match: "*.old", older_than: 30d }]
  update:
    packages: none
    reboot: never
    apps:
      - name: app
        run: ./deploy.sh v2
        version: cat "$HOME/app/ready"
        rollback: ./deploy.sh previous
  verify:
    checks:
      - http: { url: "http://{address}:${appPort}/", contains: ok }
      - tcp: { host: "{address}", port: ${appPort} }
      - command: { name: smoke, run: ./smoke.sh }
    # Others use this machine at the same time: what they start or stop is no fault of a host.
    expect_changes: ["*"]
    retry: { for: 2s, every: 1s, passes: 1 }
  # One look at everything under traffic, and the host counts as live.
  golive: { watch: 0s }
`
}
