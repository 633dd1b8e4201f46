import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { OutsideClient } from './outside-client'
import { Rig } from './rig'

/** The rule as docs/permissions.md shows it. */
const [, RULE = ''] = /^(maint ALL=.*)$/m.exec(readFileSync('docs/permissions.md', 'utf8')) ?? []

describeOnLab('a login whose one right is what docs/permissions.md shows', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['web-1'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('is enough for a whole maintenance, and lets the login start nothing else as root', async () => {
    const host = lab.host('web-1')
    await host.must(`printf '%s\\n' '${RULE}' >/etc/sudoers.d/maint && visudo -cq`)
    await host.must("sed -i 's/^/restrict,port-forwarding /' ~maint/.ssh/authorized_keys")
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'])
    host.offer({ main: ['demo-web=2.0'] })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'live', touched: true })
    expect((await host.exec('su maint -s /bin/sh -c "sudo -n id"')).exitCode).not.toBe(0)
  })
})

const CONFIG = (servers: string) => `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  retries 0
listen web
  bind *:8100
  option httpchk GET /health
  default-server check inter 500ms fall 2 rise 2
${servers}
`

describeOnLab('the recipe for haproxy, on haproxy', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['lb-1', 'web-1', 'web-2'])
    const servers = ['web-1', 'web-2'].map((name) => `  server ${name} ${lab.host(name).address}:8080`).join('\n')
    await lab.host('lb-1').must('cat >/etc/haproxy/haproxy.cfg && systemctl start haproxy', { input: CONFIG(servers) })
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('takes two servers through an update, one after the other, and no visitor of the balancer meets an error', async () => {
    await using rig = await Rig.make(lab)
    await rig.script('haproxy.sh', readFileSync('docs/recipes/haproxy.sh', 'utf8'))
    const words = (act: string) => `./haproxy.sh ${act} web {host}`
    const command = { on: 'lb-1', drain: words('out'), undrain: words('in'), state: words('state') }
    const address = (name: string) => lab.host(name).address
    await rig.write(['web-1', 'web-2'], {
      hosts: {
        'lb-1': { address: address('lb-1'), maintain: false, user: 'root' },
        'web-1': { address: address('web-1'), group: 'web' },
        'web-2': { address: address('web-2'), group: 'web' },
      },
      stages: { drain: { traffic: [{ command }] } },
    })
    for (const name of ['web-1', 'web-2']) lab.host(name).offer({ main: ['demo-web=2.0'] })
    const url = `http://${address('lb-1')}:8100/health`
    const client = new OutsideClient(new Map([['lb-1', url]]))
    const end = await rig.run()
    await client[Symbol.asyncDispose]()
    expect(end.exitCode, end.log).toBe(0)
    for (const name of ['web-1', 'web-2']) expect(end.host(name)).toMatchObject({ verdict: 'live', touched: true })
    expect(
      client.saw('lb-1').filter((answer) => !answer.startsWith('200')),
      end.log,
    ).toEqual([])
  })
})
