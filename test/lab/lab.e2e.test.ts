import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sudoPassword } from './base'
import { describeOnLab } from './describe-on-lab'
import { type Lab, startLab } from './lab'
import type { LabHost } from './lab-host'
import { requireCommand, runCommand } from './run-command'
import { type LabRun, listRuns, reapLeftovers, removeRun } from './run-registry'

const update = 'apt-get -qq update'
const upgrade = 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y upgrade'

describeOnLab('the lab', () => {
  let lab: Lab
  let web: LabHost
  let db: LabHost

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'db-1'])
    web = lab.host('web-1')
    db = lab.host('db-1')
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('boots hosts that systemd calls running', async () => {
    expect((await web.must('systemctl is-system-running')).trim()).toBe('running')
    expect(await web.must('systemctl --failed --no-legend')).toBe('')
  })

  it('gives each host its own name, machine id and host key', async () => {
    const ids = await Promise.all(lab.hosts.map((host) => host.must('cat /etc/machine-id')))
    expect(new Set(ids).size).toBe(3)
    expect(new Set(lab.hosts.map((host) => host.hostKey.fingerprint)).size).toBe(3)
    expect(await db.must('hostname')).toBe('db-1\n')
  })

  it('lets four logins in by key, each with its own rights', async () => {
    const sudo = async (login: 'maint' | 'pw' | 'nosudo') => (await lab.ssh('web-1', login, 'sudo -n id -u')).exitCode
    expect((await lab.ssh('web-1', 'root', 'id -u')).stdout).toBe('0\n')
    expect(await sudo('maint')).toBe(0)
    expect(await sudo('pw')).toBe(1)
    expect(await sudo('nosudo')).toBe(1)
    const withPassword = await lab.ssh('web-1', 'pw', 'sudo -S -p "" id -u', { input: `${sudoPassword}\n` })
    expect(withPassword.stdout).toBe('0\n')
    const nobody = await lab.ssh('web-1', 'nosudo', 'sudo -S -p "" id -u', { input: `${sudoPassword}\n` })
    expect(nobody.exitCode).not.toBe(0)
  })

  it('refuses a host whose key is not the one in known_hosts', async () => {
    const arguments_ = lab.sshArguments('web-1', 'maint').map((word) => word.replace(lab.knownHostsFile, '/dev/null'))
    await expect(requireCommand('ssh', [...arguments_, 'true'])).rejects.toThrow('exit 255')
  })

  it('shows fingerprints as ssh-keygen does', async () => {
    const printed = await requireCommand('ssh-keygen', ['-lf', lab.knownHostsFile])
    for (const host of lab.hosts) expect(printed).toContain(host.hostKey.fingerprint)
  })

  it('upgrades only what was offered', async () => {
    await db.must(update)
    expect(await db.must('apt-get -s upgrade')).toContain('0 upgraded')
    db.offer({ main: ['pitstop-demo=2.0'], security: ['demo-web=2.0'] })
    await db.must(update)
    const simulated = await db.must('apt-get -s upgrade')
    expect(simulated).toContain('Inst pitstop-demo [1.0] (2.0 Debian:stable [all])')
    expect(simulated).toContain('Inst demo-web [1.0] (2.0 Debian-Security:stable-security [all])')
    await db.must(upgrade)
    expect(await db.must('pitstop-demo')).toBe('pitstop-demo 2.0\n')
    expect(await db.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
    expect(await lab.host('web-2').must(`${update} && apt-get -s upgrade`)).toContain('0 upgraded')
  })

  it('H24: a package script starts a stopped service that is enabled', async () => {
    const host = lab.host('web-2')
    await host.must('systemctl stop demo-web')
    host.offer({ main: ['demo-web=2.0'] })
    await host.must(`${update} && ${upgrade}`)
    expect((await host.must('systemctl is-active demo-web')).trim()).toBe('active')
  })

  it('has an upgrade that leaves a service running and broken', async () => {
    const host = lab.host('web-2')
    host.offer({ main: ['demo-web=3.0'] })
    await host.must(`${update} && ${upgrade}`)
    expect((await host.must('systemctl is-active demo-web')).trim()).toBe('active')
    expect((await host.exec('curl -sf http://localhost:8080/health')).exitCode).toBe(22)
  })

  it('has upgrades that ask for a reboot, ask for a removal, change a conffile and fail to configure', async () => {
    const host = lab.host('web-2')
    host.offer({ main: ['demo-web=3.0', 'demo-reboot=2.0', 'demo-remover=2.0', 'demo-conf=2.0'] })
    await host.must(`echo 'colour = mine' > /etc/demo-conf.conf && ${update}`)
    expect(await host.must('apt-get -s upgrade')).toContain('1 not upgraded')
    expect(await host.must('apt-get -s dist-upgrade')).toContain('Remv demo-victim')
    await host.must(`${upgrade} -o Dpkg::Options::=--force-confold`)
    expect(await host.must('cat /run/reboot-required.pkgs')).toBe('demo-reboot\n')
    expect(await host.must('cat /etc/demo-conf.conf /etc/demo-conf.conf.dpkg-dist')).toBe(
      'colour = mine\ncolour = blue\n',
    )
    host.offer({ main: ['demo-broken=2.0'] })
    expect((await host.exec(`${update} && ${upgrade}`)).exitCode).toBe(100)
    expect(await host.must('dpkg --audit')).toContain('demo-broken')
  })

  it('can take its package repositories down', async () => {
    db.setRepositoryDown(true)
    expect((await db.exec('apt-get update -q -o APT::Update::Error-Mode=any')).exitCode).toBe(100)
    db.setRepositoryDown(false)
    await db.must(`${update} -o APT::Update::Error-Mode=any`)
  })

  it('cuts a host off and connects it again while it runs on', async () => {
    const before = await web.bootId()
    await web.cut()
    expect((await lab.ssh('web-1', 'maint', 'true')).exitCode).toBe(255)
    expect(await web.bootId()).toBe(before)
    await web.heal()
    expect((await lab.ssh('web-1', 'maint', 'true')).exitCode).toBe(0)
  })

  it('freezes a host so that nobody answers, and thaws it', async () => {
    await web.freeze()
    expect(await web.answers()).toBe(false)
    await web.thaw()
    expect(await web.answers()).toBe(true)
  })

  it('reboots by a command over ssh, with a new boot id', async () => {
    const before = await web.bootId()
    await lab.ssh('web-1', 'maint', 'sudo systemctl reboot')
    await web.whenRebooted(before)
    expect(await web.bootId()).not.toBe(before)
    expect((await lab.ssh('web-1', 'maint', 'true')).exitCode).toBe(0)
  })

  it('comes back late from a reboot, or not at all', async () => {
    const before = await web.bootId()
    await web.setRebootDelay(3)
    const begun = Date.now()
    await web.exec('systemctl reboot')
    await web.whenRebooted(before)
    expect(Date.now() - begun).toBeGreaterThan(3_000)
    await web.setRebootDelay(0)
    await web.setNoReturn(true)
    await web.exec('systemctl reboot')
    await web.whenOff()
    expect(await web.answers()).toBe(false)
    await web.setNoReturn(false)
    await web.powerOn()
    await web.whenUp()
  })

  it('loses power in the middle of a package script and starts again with what was on its disk', async () => {
    web.offer({ main: ['demo-slow=2.0'] })
    await web.must(update)
    const before = await web.bootId()
    const cutShort = web.exec(upgrade).catch(() => null)
    await expect
      .poll(async () => (await web.exec('test -e /var/lib/demo-slow/begun')).exitCode, { timeout: 20_000 })
      .toBe(0)
    await web.powerCut()
    expect((await cutShort)?.exitCode).not.toBe(0)
    expect(await web.answers()).toBe(false)
    await expect(web.exec('true')).rejects.toThrow('is off')
    await web.powerOn()
    await web.whenUp()
    expect(await web.bootId()).not.toBe(before)
    expect(await web.must('dpkg --audit')).toContain('demo-slow')
    expect((await web.exec('test -e /var/lib/demo-slow/finished')).exitCode).toBe(1)
  })

  it('fills a file system, and turns one read-only', async () => {
    await db.layOver('/srv/small', 4)
    await db.fill('/srv/small')
    expect((await db.exec('echo more > /srv/small/more')).exitCode).not.toBe(0)
    await db.unfill('/srv/small')
    await db.must('echo more > /srv/small/more')
    await db.setReadOnly('/var/lib/apt', true)
    expect((await db.exec('touch /var/lib/apt/new')).exitCode).toBe(1)
    await db.setReadOnly('/var/lib/apt', false)
    await db.must('touch /var/lib/apt/new')
  })

  it('gives a host a small disk of its own that can be trimmed', async () => {
    const host = await lab.addHost('disk-1', { disks: [{ at: '/srv/data', megabytes: 48 }] })
    expect(await host.must('stat -f -c %T /srv/data')).toBe('ext2/ext3\n')
    await host.must('fstrim /srv/data')
    await host.fill('/srv/data')
    expect((await host.exec('head -c 9000000 /dev/zero > /srv/data/more')).exitCode).toBe(1)
  })

  it('has no way out of its network', async () => {
    expect(await web.must('ip route show default')).toContain('default via')
    expect((await web.exec('ping -c 1 -W 1 192.0.2.1')).exitCode).toBe(1)
  })
})

/** Everything of this machine that bears the mark of a lab. */
async function tracesOf(run: LabRun): Promise<string[]> {
  const folders = `ls -d '${run.folder}' /run/pitstop-lab/${run.id}* /sys/fs/cgroup/pit-* /sys/fs/cgroup/unified/pit-*`
  const seen = [
    await requireCommand('ip', ['netns', 'list']),
    await requireCommand('ip', ['-o', 'link']),
    await requireCommand('ip', ['route', 'show']),
    readFileSync('/proc/mounts', 'utf8'),
    await requireCommand('ps', ['-eo', 'args']),
    (await runCommand('sh', ['-c', folders])).stdout,
  ]
  const lines = seen.join('').split('\n')
  return lines.filter((line) => line.includes(run.id) || line.includes(`${run.subnet}.`))
}

function runOf(id: string | undefined): LabRun {
  const run = listRuns().find((run) => run.id === id)
  if (run === undefined) throw new Error(`no lab ${id} is registered`)
  return run
}

describeOnLab('taking a lab down', () => {
  it('leaves no process, namespace, cable, route, mount or file', async () => {
    const lab = await startLab(['gone-1'])
    const run = runOf(lab.id)
    expect((await tracesOf(run)).length).toBeGreaterThan(6)
    await lab[Symbol.asyncDispose]()
    expect(await tracesOf(run)).toEqual([])
  })

  it('reaches what is mounted behind a link on the way to its folder', async () => {
    const real = mkdtempSync(join(tmpdir(), 'lab-folder-'))
    const folder = join(real, 'runs/abcdef/host')
    mkdirSync(folder, { recursive: true })
    symlinkSync(join(real, 'runs'), join(real, 'link'))
    await requireCommand('mount', ['-t', 'tmpfs', 'tmpfs', folder])
    const owner = { pid: 1, startTicks: '', bootId: '' }
    await removeRun({ id: 'abcdef', owner, folder: join(real, 'link/abcdef'), subnet: '10.77.251' })
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(real)
    expect(readdirSync(join(real, 'runs'))).toEqual([])
    rmSync(real, { recursive: true })
  })

  it('is done by the next one when its process was killed, and leaves the living alone', async () => {
    await using living = await startLab(['living-1'])
    const child = spawn('npx', ['--no-install', 'tsx', join(import.meta.dirname, 'cli.ts'), 'up', 'orphan-1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    await expect.poll(() => printed, { timeout: 120_000 }).toContain('known_hosts ')
    const orphan = runOf(/runs\/([0-9a-f]+)\/known_hosts/.exec(printed)?.[1])
    process.kill(orphan.owner.pid, 'SIGKILL')
    await once(child, 'exit')
    expect((await tracesOf(orphan)).length).toBeGreaterThan(6)
    await reapLeftovers()
    expect(await tracesOf(orphan)).toEqual([])
    expect(await living.host('living-1').answers()).toBe(true)
  })
})
