import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { hasShell, SHELLS } from '../../fixtures/shells'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipes-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

/** A program of the host, first in PATH. */
function program(name: string, text: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}`)
  chmodSync(join(folder, 'bin', name), 0o755)
}

function run(shell: string, script: string, ...args: readonly string[]) {
  const [name = '', ...words] = shell === 'busybox' ? ['busybox', 'sh'] : shell.split(' ')
  const { status, stdout, stderr } = spawnSync(name, [...words, resolve('docs/recipes', script), ...args], {
    env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, AT: folder },
    encoding: 'utf8',
    timeout: 50_000,
  })
  return { status, out: stdout.trim(), err: stderr.trim() }
}

/** haproxy's admin socket: `state` holds the status of the one server; a wrong name is answered, with exit code 0. */
const HAPROXY = `read -r line
case $line in
  'show stat')
    echo '# pxname,svname,qcur,scur,status,weight'
    echo "app,BACKEND,0,9,UP,1"
    open=$(cat "$AT/open"); [ "$open" = 0 ] || echo $((open - 1)) >"$AT/open"
    echo "app,web-1,0,$open,$(cat "$AT/state"),1"
    ;;
  'show servers state app')
    echo 1
    echo '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight'
    echo "3 app 1 web-1 192.0.2.11 2 $(cat "$AT/admin") 1"
    echo "3 app 2 web-11 192.0.2.111 2 0 1"
    ;;
  'set server app/web-1 state drain') echo DRAIN >"$AT/state"; echo 8 >"$AT/admin" ;;
  'set server app/web-1 state ready') cat "$AT/back" >"$AT/state"; echo 0 >"$AT/admin" ;;
  *) echo 'No such server.' ;;
esac
`
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

describe.each(SHELLS.filter(hasShell))('recipes, in %s', (shell) => {
  test('haproxy: out waits until nobody is connected, in until the server is well, and state says which', () => {
    program('socat', HAPROXY)
    for (const [name, text] of Object.entries({ admin: '0', state: 'UP', open: '2\n', back: 'UP' })) write(name, text)
    const haproxy = (act: string, server = 'web-1') => run(shell, 'haproxy.sh', act, 'app', server)
    expect(haproxy('state')).toMatchObject({ status: 0, out: 'in' })
    expect(haproxy('out').status).toBe(0)
    expect(read('open')).toBe('0\n')
    expect(haproxy('state')).toMatchObject({ status: 0, out: 'out' })
    // Its service is stopped: the check fails, and it is out all the same.
    write('state', 'DOWN')
    expect(haproxy('state')).toMatchObject({ status: 0, out: 'out' })
    expect(haproxy('in').status).toBe(0)
    expect(haproxy('state')).toMatchObject({ status: 0, out: 'in' })
  })

  test('haproxy: a server that it does not know is neither in nor out', () => {
    program('socat', HAPROXY)
    for (const [name, text] of Object.entries({ admin: '0', state: 'UP', open: '0', back: 'UP' })) write(name, text)
    const end = run(shell, 'haproxy.sh', 'state', 'app', 'web-9')
    expect(end).toMatchObject({ status: 1, out: '', err: 'haproxy has no server app/web-9' })
  })

  test('nginx upstream: the server is marked and unmarked, the others are left, nginx is tested and reloaded', () => {
    program('nginx', 'echo "$*" >>"$AT/calls"\n[ "$1" != -t ] || [ ! -e "$AT/broken" ]\n')
    const before = 'server 192.0.2.1;\nserver 192.0.2.11 weight=2;\nserver 192.0.2.111;\n'
    write('app.conf', before)
    const nginx = (act: string, server = '192.0.2.11') => run(shell, 'nginx-upstream.sh', act, 'app', server, folder)
    expect(nginx('state')).toMatchObject({ status: 0, out: 'in' })
    expect(nginx('out').status).toBe(0)
    expect(read('app.conf')).toBe(before.replace('weight=2', 'weight=2 down'))
    expect(nginx('state')).toMatchObject({ status: 0, out: 'out' })
    expect(nginx('in').status).toBe(0)
    expect(read('app.conf')).toBe(before)
    expect(read('calls')).toBe('-t -q\n-s reload\n-t -q\n-s reload\n')
    expect(nginx('state', '192.0.2.9').status).not.toBe(0)
    expect(nginx('out', '192.0.2.9').status).not.toBe(0)
    // What nginx does not take is taken back, and nothing is reloaded.
    write('broken', '')
    expect(nginx('out').status).not.toBe(0)
    expect(read('app.conf')).toBe(before)
    expect(read('calls').match(/reload/g)).toHaveLength(2)
  })

  test('maintenance page: a file that nginx looks for is there, and gone', () => {
    const page = (act: string) => run(shell, 'maintenance-page.sh', act, join(folder, 'page/on'))
    expect(page('state')).toMatchObject({ status: 0, out: 'in' })
    expect(page('out').status).toBe(0)
    expect(page('state')).toMatchObject({ status: 0, out: 'out' })
    expect(page('in').status).toBe(0)
    expect(page('state')).toMatchObject({ status: 0, out: 'in' })
  })

  test('keepalived: out ends once the address is gone; as long as it is here, the state is unknown', () => {
    program(
      'ip',
      `left=$(cat "$AT/left")
[ "$left" = 0 ] || { echo $((left - 1)) >"$AT/left"; echo '2: eth0 inet 192.0.2.100/24 scope global'; }\n`,
    )
    write('left', '2')
    const address = (act: string) => run(shell, 'keepalived.sh', act, '192.0.2.100', join(folder, 'flag'))
    expect(address('state')).toMatchObject({ status: 0, out: 'in' })
    expect(address('out').status).toBe(0)
    expect(read('flag')).toBe('1\n')
    expect(address('state')).toMatchObject({ status: 0, out: 'out' })
    write('left', '1')
    expect(address('state')).toMatchObject({ status: 1, out: '' })
    expect(address('in').status).toBe(0)
    expect(address('state')).toMatchObject({ status: 0, out: 'in' })
  })

  test.each(['haproxy.sh', 'nginx-upstream.sh', 'maintenance-page.sh', 'keepalived.sh'])(
    '%s refuses a word it does not know',
    (script) => expect(run(shell, script, 'OUT', 'app', 'web-1').status).toBe(2),
  )
})
