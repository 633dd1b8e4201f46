import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HostConfig } from '../../src/config/schema'
import { prepare } from '../../src/stages/prepare'
import { rollbackPhases } from '../../src/stages/rollback'
import type { Observation } from '../../src/stages/stage'
import { update } from '../../src/stages/update'
import { hostConfig } from '../fixtures/host-config'
import { freshInput, type PhasesEnd, runPhases } from '../fixtures/stage-runner'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'

let lab: Lab
let host: LabHost
let runs = 0

const shell = (command: string) => host.exec(command)
const version = async (name: string) => (await host.must(`dpkg-query -W -f '\${Version}' ${name}`)).trim()
const findings = (notes: readonly Observation[]) => notes.flatMap((n) => (n.kind === 'finding' ? [n.what] : []))
const ofKind = <K extends Observation['kind']>(notes: readonly Observation[], kind: K) =>
  notes.filter((n): n is Extract<Observation, { kind: K }> => n.kind === kind)

function config(stages: Parameters<typeof hostConfig>[0] = {}): HostConfig {
  return hostConfig(stages)
}

async function prepared(file: HostConfig = config()): Promise<PhasesEnd> {
  const runDir = `/var/lib/pitstop/runs/r${++runs}`
  const now = new Date(Date.UTC(2026, 10, 22, 2, 0, runs))
  return runPhases(
    shell,
    'prepare',
    prepare.phases,
    freshInput(file, { runDir, run: { id: runs.toString(16).padStart(20, '0'), mode: 'run', now } }),
  )
}

/** Every package of the lab at 1.0 again, and nothing offered. */
async function reset(): Promise<void> {
  host.offer({})
  host.setRepositoryDown(false)
  const names = 'pitstop-demo demo-web demo-reboot demo-slow demo-victim demo-remover demo-conf demo-broken'
  await host.must(
    'rm -f /run/reboot-required /run/reboot-required.pkgs; printf "colour = red\\n" > /etc/demo-conf.conf; rm -f /etc/demo-conf.conf.dpkg-*',
  )
  await host.must('apt-get -qq update')
  const exact = names
    .split(' ')
    .map((n) => `${n}=1.0`)
    .join(' ')
  await host.must(
    `DEBIAN_FRONTEND=noninteractive apt-get -qq -y --allow-downgrades --allow-change-held-packages -o Dpkg::Options::=--force-confnew install ${exact}`,
  )
  await host.must(`apt-mark auto pitstop-demo >/dev/null`)
}

/** One package is offered by a folder, the others by the repository of the lab, which a list of mirrors names. */
const LOCAL_SOURCE = `set -e
mkdir -p /srv/repo /root/local/DEBIAN; cd /srv/repo
printf 'Package: pitstop-demo\\nVersion: 2.0\\nArchitecture: all\\nMaintainer: x <x@y>\\nDescription: x\\n' >/root/local/DEBIAN/control
dpkg-deb -b /root/local demo_2.0.deb >/dev/null
{ dpkg-deb -f demo_2.0.deb; echo 'Filename: ./demo_2.0.deb'; echo "Size: $(stat -c %s demo_2.0.deb)"; echo "SHA256: $(sha256sum demo_2.0.deb | cut -d' ' -f1)"; } >Packages
echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list.d/local.list
cp /etc/apt/sources.list /root/sources.list
sed -n 's/^deb \\[[^]]*\\] \\([^ ]*main\\) .*/\\1/p' /etc/apt/sources.list | head -n 1 >/etc/apt/mirrors.txt
sed -i 's#^deb \\(\\[[^]]*\\]\\) [^ ]*/main #deb \\1 mirror+file:/etc/apt/mirrors.txt #' /etc/apt/sources.list`

describeOnLab('prepare and update on a real Debian', () => {
  beforeAll(async () => {
    lab = await startLab(['apt-1'])
    host = lab.host('apt-1')
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())
  beforeEach(reset)

  it('has nothing to do, and says so, on a host that is up to date', async () => {
    const done = await prepared()
    expect(done.stopped).toBe(null)
    expect(done.stepIds).toEqual(['packages.refresh', 'backup.archive.etc'])
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect({ stopped: after.stopped, steps: after.stepIds }).toEqual({ stopped: null, steps: [] })
  })

  it('updates to exactly what was simulated, without asking the repository again (H25)', async () => {
    host.offer({ main: ['pitstop-demo=2.0', 'demo-web=2.0', 'demo-conf=2.0'] })
    const done = await prepared()
    expect(done.stopped).toBe(null)
    expect(ofKind(done.notes, 'pending')[0]?.changes.map((c) => `${c.name} ${c.from} ${c.to}`)).toEqual(
      expect.arrayContaining(['pitstop-demo 1.0 2.0', 'demo-web 1.0 2.0']),
    )
    await host.must('apt-get clean; echo "colour = green" > /etc/demo-conf.conf')
    host.setRepositoryDown(true)
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stopped).toBe(null)
    expect([await version('pitstop-demo'), await version('demo-web')]).toEqual(['2.0', '2.0'])
    const changes = ofKind(after.notes, 'packages').flatMap((n) => n.changes)
    expect(changes.map((c) => `${c.name} ${c.from} ${c.to}`).sort()).toEqual([
      'demo-conf 1.0 2.0',
      'demo-web 1.0 2.0',
      'pitstop-demo 1.0 2.0',
    ])
    expect(await host.must('cat /etc/demo-conf.conf')).toBe('colour = green\n')
    expect(findings(after.notes).join()).toContain('/etc/demo-conf.conf.dpkg-dist')
  })

  it('config_files: replace takes the new file, names the old one, and a rollback brings it back', async () => {
    host.offer({ main: ['demo-conf=2.0'] })
    await host.must('echo "colour = green" > /etc/demo-conf.conf')
    const done = await prepared(config({ stages: { update: { config_files: 'replace' } } }))
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stopped).toBe(null)
    expect(await host.must('cat /etc/demo-conf.conf')).toBe('colour = blue\n')
    expect(findings(after.notes).join()).toContain('the earlier one is /etc/demo-conf.conf.dpkg-old')
    const back = await runPhases(shell, 'update', rollbackPhases, after.x)
    expect(back.stopped).toBe(null)
    expect(await version('demo-conf')).toBe('1.0')
    expect(await host.must('cat /etc/demo-conf.conf')).toBe('colour = green\n')
  })

  it('config_files: hold refuses a changed file that a new version brings anew, and nothing else', async () => {
    const hold = config({ stages: { update: { config_files: 'hold' } } })
    host.offer({ main: ['demo-conf=2.0'] })
    expect((await prepared(hold)).stopped).toBe(null)
    await host.must('echo "colour = green" > /etc/demo-conf.conf')
    expect((await prepared(hold)).stopped).toMatch(/were changed on this host: \/etc\/demo-conf\.conf;/)
    await host.must('echo "colour = blue" > /etc/demo-conf.conf')
    expect((await prepared(hold)).stopped).toBe(null)
    await host.must('rm /etc/demo-conf.conf')
    expect((await prepared(hold)).stopped).toContain('/etc/demo-conf.conf')
    expect(await version('demo-conf')).toBe('1.0')
  })

  it('updates from a folder of the host itself, and from a list of mirrors', async () => {
    host.offer({ main: ['demo-web=2.0'] })
    await host.must(LOCAL_SOURCE)
    try {
      const done = await prepared()
      expect(done.stopped).toBe(null)
      const after = await runPhases(shell, 'update', update.phases, done.x)
      expect(after.stopped).toBe(null)
      expect([await version('pitstop-demo'), await version('demo-web')]).toEqual(['2.0', '2.0'])
    } finally {
      await host.must('rm /etc/apt/sources.list.d/local.list; mv /root/sources.list /etc/apt/sources.list')
    }
  })

  it('keeps the marks of packages that were installed for others', async () => {
    host.offer({ main: ['pitstop-demo=2.0', 'demo-web=2.0'] })
    const done = await prepared()
    await runPhases(shell, 'update', update.phases, done.x)
    expect((await host.must('apt-mark showauto pitstop-demo demo-web')).trim()).toBe('pitstop-demo')
  })

  it('takes only what the security archive offers', async () => {
    host.offer({ main: ['pitstop-demo=2.0', 'demo-web=3.0'], security: ['demo-web=2.0'] })
    const done = await prepared(config({ stages: { update: { packages: 'security' } } }))
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stopped).toBe(null)
    expect([await version('pitstop-demo'), await version('demo-web')]).toEqual(['1.0', '2.0'])
  })

  it('refuses a removal before anything is disturbed, and names the rule', async () => {
    host.offer({ main: ['demo-remover=2.0'] })
    const done = await prepared()
    expect(done.stopped).toContain('would remove demo-victim')
    expect(done.stepIds).toEqual(['packages.refresh'])
    expect(await version('demo-victim')).toBe('1.0')
  })

  it('removes where the maintenance file allows it', async () => {
    host.offer({ main: ['demo-remover=2.0'] })
    const done = await prepared(config({ stages: { update: { removals: 'allow' } } }))
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stopped).toBe(null)
    expect(ofKind(after.notes, 'packages').flatMap((n) => n.changes)).toContainEqual(
      expect.objectContaining({ name: 'demo-victim', from: '1.0', to: null }),
    )
  })

  it('stops on a mirror that fails', async () => {
    host.setRepositoryDown(true)
    expect((await prepared()).stopped).toContain('packages.refresh')
  })

  it('names who holds the package lock when the wait is over', async () => {
    const holder = host.exec(
      `perl -e 'use Fcntl; open F, "+<", "/var/lib/dpkg/lock-frontend" or die; my $l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 30'`,
      { timeoutMs: 40_000 },
    )
    await host.must(
      'for i in 1 2 3 4 5 6 7 8 9 10; do grep -q "POSIX.*WRITE" /proc/locks && exit 0; sleep 0.2; done; exit 1',
    )
    const done = await prepared(config({ stages: { update: { lock_wait: '1s' } } }))
    expect(done.stopped).toMatch(/The package manager is busy: perl \(pid \d+\) holds \/var\/lib\/dpkg\/lock-frontend/)
    expect(done.stepIds).toEqual(['packages.lock'])
    await host.must('kill $(pidof perl)')
    await holder
  })

  it('stops when a package script fails, and leaves the host alone until a person has repaired it', async () => {
    host.offer({ main: ['demo-broken=2.0'] })
    const done = await prepared()
    const broken = await runPhases(shell, 'update', update.phases, done.x)
    expect(broken.stopped).toContain('packages.upgrade')
    host.offer({ main: ['demo-broken=3.0'] })
    expect((await prepared()).stopped).toContain('broken before the run')
    await host.must('apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -yq install demo-broken')
    expect((await prepared()).stopped).toBe(null)
  })

  it('finishes the work of a package manager that was cut', async () => {
    await host.must('cd /tmp && apt-get -q download demo-conf && dpkg --unpack demo-conf_*.deb')
    const again = await prepared()
    expect(again.stopped).toBe(null)
    const repaired = await runPhases(shell, 'update', update.phases, again.x)
    expect(repaired.stepIds[0]).toBe('packages.repair')
    expect(await host.must("dpkg-query -W -f '${Status}' demo-conf")).toBe('install ok installed')
  })

  it('H34: plans one reboot, behind a check of sshd, when a package asks for it', async () => {
    host.offer({ main: ['demo-reboot=2.0'] })
    const done = await prepared()
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stopped).toBe(null)
    expect(after.stepIds).toEqual(['packages.upgrade', 'sshd.check', 'reboot'])
    expect(ofKind(after.notes, 'reboot')[0]?.needed).toBe('yes')
  })

  it('H33: does not reach the reboot with a configuration that sshd refuses', async () => {
    host.offer({ main: ['demo-reboot=2.0'] })
    const done = await prepared()
    await host.must('echo Nonsense yes > /etc/ssh/sshd_config.d/broken.conf')
    const after = await runPhases(shell, 'update', update.phases, done.x)
    await host.must('rm /etc/ssh/sshd_config.d/broken.conf')
    expect(after.stopped).toContain('sshd.check')
    expect(after.stepIds).not.toContain('reboot')
  })

  it('restarts a service that still runs on a replaced library', async () => {
    await host.must(
      'cp -p /usr/sbin/nginx /usr/sbin/nginx.new && systemctl restart demo-web && mv /usr/sbin/nginx.new /usr/sbin/nginx',
    )
    const before = await host.must('systemctl show -p MainPID --value demo-web')
    host.offer({ main: ['pitstop-demo=2.0'] })
    const done = await prepared()
    const after = await runPhases(shell, 'update', update.phases, done.x)
    expect(after.stepIds).toContain('restart.1.demo-web.service')
    expect(await host.must('systemctl show -p MainPID --value demo-web')).not.toBe(before)
  })

  describe('rollback', () => {
    it('returns to the exact earlier versions, offline, and proves it', async () => {
      host.offer({ main: ['pitstop-demo=2.0', 'demo-web=3.0'] })
      const done = await prepared()
      const after = await runPhases(shell, 'update', update.phases, done.x)
      expect(await version('demo-web')).toBe('3.0')
      host.setRepositoryDown(true)
      await host.must('apt-get clean')
      const back = await runPhases(shell, 'update', rollbackPhases, after.x)
      expect(back.stopped).toBe(null)
      expect([await version('pitstop-demo'), await version('demo-web')]).toEqual(['1.0', '1.0'])
      expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
      expect((await host.must('apt-mark showauto pitstop-demo')).trim()).toBe('pitstop-demo')
    })

    it('returns from an update that failed in the middle', async () => {
      host.offer({ main: ['pitstop-demo=2.0', 'demo-broken=2.0'] })
      const done = await prepared()
      const broken = await runPhases(shell, 'update', update.phases, done.x)
      expect(broken.stopped).toContain('packages.upgrade')
      const back = await runPhases(shell, 'update', rollbackPhases, broken.x)
      expect(back.stopped).toBe(null)
      expect([await version('pitstop-demo'), await version('demo-broken')]).toEqual(['1.0', '1.0'])
    })

    it('does not begin when prepare could not keep an earlier version', async () => {
      host.offer({ main: ['pitstop-demo=2.0'] })
      const done = await prepared()
      const after = await runPhases(shell, 'update', update.phases, done.x)
      const kept = new Map([...after.x.results].filter(([key]) => key !== 'prepare/packages.keep'))
      const back = await runPhases(shell, 'update', rollbackPhases, { ...after.x, results: kept })
      expect(back.stopped).toBe('No rollback: prepare could not keep the earlier version of pitstop-demo')
      expect(await version('pitstop-demo')).toBe('2.0')
    })
  })

  describe('the archive', () => {
    it('is proved, private and restores what was there', async () => {
      await host.must('echo precious > /etc/pitstop-test')
      const done = await prepared()
      const [backup] = ofKind(done.notes, 'backup')
      expect(backup?.proved).toBe(true)
      const folder = backup?.id.replace('archive:', '') ?? ''
      expect((await host.must(`stat -c '%a' ${folder} ${folder}/archive.tar.gz`)).trim()).toBe('700\n600')
      await host.must('rm /etc/pitstop-test')
      await host.must(backup?.restoreWith ?? 'false')
      expect(await host.must('cat /etc/pitstop-test; rm /etc/pitstop-test')).toBe('precious\n')
    })

    it('leaves nothing behind on a full disk, and stops the host untouched', async () => {
      const to = '/run/small/backups'
      await host.must('mkdir -p /run/small && mount -t tmpfs -o size=200k tmpfs /run/small')
      const file = config({ stages: { prepare: { backup: [{ archive: { paths: ['/etc'], to } }], space: false } } })
      const done = await prepared(file)
      const left = await host.must(`find ${to} -mindepth 1; umount /run/small`)
      expect(done.stopped).toContain('The archive could not be written to /run/small/backups')
      expect(left).toBe('')
    })
  })
})
