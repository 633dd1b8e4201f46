import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import {
  compileLook,
  compileRelease,
  compileRenew,
  compileTake,
  LEASE_TTL_S,
  type LeaseWant,
  parseLook,
  parseTake,
} from '../../../src/host/lease'
import { HostSession } from '../../../src/host/session'
import { FRESH, formatState } from '../../../src/host/state'
import { ProgramHost } from '../../fixtures/program-host'
import { hasShell, SHELLS, type ShellMachine, shellDialer, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const never = new AbortController().signal
const isRoot = process.getuid?.() === 0
const uptimeS = () => Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]))
const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()

describe.each(SHELLS.filter(hasShell))('the lease in %s', (shell) => {
  let machine: ShellMachine
  let session: HostSession
  let count = 0
  let want: LeaseWant
  beforeAll(async () => {
    machine = shellMachine(shell)
    session = await HostSession.open(
      { dialer: shellDialer(machine), clock: systemClock, become: 'none', stateDir: null },
      never,
    )
  })
  afterAll(() => machine.dispose())
  beforeEach(() => {
    const stateDir = join(machine.folder, `state-${count++}`)
    want = {
      stateDir,
      lockFile: `${stateDir}/lock/program`,
      asRoot: false,
      adopt: false,
      run: 'r1',
      owner: 'me',
      url: 'https://example.com/r1?x=1',
    }
  })

  it('H22: leaves a folder as it is that it did not make, and is refused in one that others may write', async () => {
    mkdirSync(want.stateDir, { mode: 0o755 })
    expect((await take()).t).toBe('taken')
    expect(statSync(want.stateDir).mode & 0o777).toBe(0o755)
    for (const mode of [0o775, 0o757, 0o777]) {
      const stateDir = `${want.stateDir}-${mode}`
      mkdirSync(stateDir)
      chmodSync(stateDir, mode)
      expect(await take({ ...want, stateDir })).toEqual({ t: 'unsafe', path: stateDir })
      expect([statSync(stateDir).mode & 0o777, readdirSync(stateDir)]).toEqual([mode, []])
    }
  })

  it('H22: reads files only: a fifo, a device or a folder in their place is forged, and keeps nobody waiting', async () => {
    const put: readonly ((path: string) => void)[] = [
      (path) => execFileSync('mkfifo', [path]),
      (path) => symlinkSync('/dev/zero', path),
      (path) => symlinkSync('/nowhere', path),
      (path) => mkdirSync(path),
    ]
    for (const [i, make] of put.entries()) {
      const stateDir = `${want.stateDir}-${i}`
      mkdirSync(stateDir, { mode: 0o700 })
      make(join(stateDir, 'state'))
      expect(await take({ ...want, stateDir })).toMatchObject({ t: 'taken', state: null })
      rmSync(join(stateDir, 'lease'))
      make(join(stateDir, 'lease'))
      expect(await take({ ...want, stateDir })).toEqual({ t: 'forged' })
    }
  })

  it('H22: keeps what it makes for its owner, also in a folder that others may read', async () => {
    mkdirSync(want.stateDir, { mode: 0o755 })
    await take()
    const made = readdirSync(want.stateDir).map((name) => join(want.stateDir, name))
    expect(made.length).toBeGreaterThan(2)
    expect(made.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([])
  })

  const take = async (w: LeaseWant = want) => parseTake((await session.send(compileTake(w), never))?.toString() ?? '')
  const send = async (payload: string) => (await session.send(payload, never))?.toString()
  const theirs = (more: Partial<LeaseWant> = {}): LeaseWant => ({ ...want, run: 'r2', owner: 'them', ...more })
  /** The lease of `them`, renewed so many seconds ago, in this boot or another. */
  function leaseOfAge(ageS: number, boot = bootId(), ttlS = LEASE_TTL_S): void {
    mkdirSync(want.stateDir, { recursive: true })
    const up = Math.max(0, uptimeS() - ageS)
    writeFileSync(
      join(want.stateDir, 'lease'),
      `token=4\nowner=them\nrun=r2\nboot=${boot}\nup=${up}\nttl=${ttlS}\nurl=-\n`,
    )
  }

  it('is taken on a new host, with token 1 and a fresh state', async () => {
    expect(await take()).toEqual({ t: 'taken', token: 1, state: FRESH, undos: 0 })
  })

  it('is refused while somebody holds it, and says who and for how long', async () => {
    await take(theirs())
    expect(await take()).toEqual({ t: 'held', run: 'r2', url: 'https://example.com/r1?x=1', ageS: expect.any(Number) })
  })

  it('goes to the next run once it is given back, with a higher token', async () => {
    await take(theirs())
    expect(await send(compileRelease(theirs(), 1))).toBe('ok\n')
    expect(await take()).toMatchObject({ t: 'taken', token: 2 })
  })

  it('H28: is judged by the uptime of the host: held a second before its time is over, taken after', async () => {
    leaseOfAge(Math.min(uptimeS(), LEASE_TTL_S) - 30)
    expect(await take()).toMatchObject({ t: 'held' })
    leaseOfAge(11, bootId(), 10)
    expect(await take()).toMatchObject({ t: 'taken', token: 5 })
  })

  it('H28: of another boot is held until the host is up for as long as it lasts', async () => {
    const uptime = join(machine.folder, 'uptime')
    const takeAt = async (up: number) => {
      writeFileSync(uptime, `${up}.17 4.00\n`)
      return parseTake(
        (await session.send(compileTake(want).replaceAll('/proc/uptime', uptime), never))?.toString() ?? '',
      )
    }
    leaseOfAge(0, 'another-boot')
    expect(await takeAt(LEASE_TTL_S - 1)).toMatchObject({ t: 'held' })
    expect(await takeAt(LEASE_TTL_S)).toMatchObject({ t: 'taken', token: 5 })
  })

  it('H28: that lasts an hour may be of a version to come', async () => {
    leaseOfAge(0, bootId(), 3600)
    expect(await take()).toMatchObject({ t: 'held' })
  })

  const lease = (more: Record<string, string | number> = {}) => {
    const all = {
      token: 4,
      owner: 'them',
      run: 'r2',
      boot: bootId(),
      up: uptimeS(),
      ttl: LEASE_TTL_S,
      url: '-',
      ...more,
    }
    return `${Object.entries(all)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')}\n`
  }
  it.each([
    ['renewed later than now', () => lease({ up: uptimeS() + 86_400 })],
    ['with a token that is no number', () => lease({ token: 'x' })],
    ['that lasts longer than an hour', () => lease({ ttl: 3601 })],
    ['that lasts for years', () => lease({ ttl: 999_999_999 })],
    ['of another boot that lasts for years', () => lease({ boot: 'another-boot', ttl: 999_999_999 })],
    ['with a time that does not fit', () => lease({ up: '9'.repeat(19) })],
    ['with a run that no run is named', () => lease({ run: 'a b' })],
    ['with an address of nobody', () => lease({ url: '' })],
    ['cut after its first word', () => lease().slice(0, 6)],
    ['empty', () => ''],
  ])('H28: %s is forged or torn: nobody gets it but who settles the host', async (_, text) => {
    const look = async () => parseLook((await session.send(compileLook(want.stateDir), never))?.toString() ?? '')
    mkdirSync(want.stateDir, { recursive: true })
    writeFileSync(join(want.stateDir, 'state'), formatState({ ...FRESH, token: 11 }))
    writeFileSync(join(want.stateDir, 'lease'), text())
    const before = readFileSync(join(want.stateDir, 'lease'), 'utf8')
    expect(await take()).toEqual({ t: 'forged' })
    expect(await take({ ...want, run: 'r2', adopt: true })).toEqual({ t: 'forged' })
    expect(await look()).toEqual({ leased: false, state: null })
    expect(readFileSync(join(want.stateDir, 'lease'), 'utf8')).toBe(before)
    expect(await take({ ...want, overForged: true })).toMatchObject({ t: 'taken', token: 12 })
    expect(await take(theirs())).toMatchObject({ t: 'held' })
  })

  it('held by whoever looks keeps that one from nothing; held by another it does', async () => {
    await take()
    const look = async (owner?: string) =>
      parseLook((await session.send(compileLook(want.stateDir, owner), never))?.toString() ?? '')?.leased
    expect([await look(want.owner), await look('other'), await look()]).toEqual([false, true, true])
  })

  it('H28: that nobody holds may bear a time to come: some containers begin their uptime anew within one boot', async () => {
    mkdirSync(want.stateDir, { recursive: true })
    writeFileSync(join(want.stateDir, 'lease'), lease({ owner: '', up: uptimeS() + 86_400 }))
    expect(await take()).toMatchObject({ t: 'taken', token: 5 })
  })

  it('H28: a forged one is not settled while a program lives', async () => {
    const host = new ProgramHost(machine, { stateDir: want.stateDir, lockFile: want.lockFile })
    const release = join(machine.folder, `release-forged-${count}`)
    const running = host.run('update-0', [shStep('long', `until [ -e ${release} ]; do sleep 0.1; done`)])
    while (!existsSync(join(want.stateDir, 'state'))) await pause(20)
    writeFileSync(join(want.stateDir, 'lease'), lease({ token: 7, up: uptimeS() + 86_400 }))
    expect(await take({ ...want, overForged: true })).toMatchObject({ t: 'alive' })
    writeFileSync(release, '')
    await running
  })

  it('is taken again by its owner with the same token: a connection that broke costs nothing', async () => {
    await take()
    expect(await take()).toMatchObject({ t: 'taken', token: 1 })
  })

  it('of the same run is adopted by post only', async () => {
    await take(theirs({ run: 'r1' }))
    expect(await take()).toMatchObject({ t: 'held' })
    expect(await take({ ...want, adopt: true })).toMatchObject({ t: 'taken', token: 2 })
    expect(await take(theirs({ run: 'r9', adopt: true }))).toMatchObject({ t: 'held' })
  })

  it('is renewed by its holder only: a lower token has lost it', async () => {
    await take()
    expect(await send(compileRenew(want, 1))).toBe('ok\n')
    await take({ ...want, owner: 'post', adopt: true })
    expect(await send(compileRenew(want, 1))).toBe('lost\n')
    expect(await send(compileRelease(want, 1))).toBe('lost\n')
  })

  it('tells the state that was left, how many undos wait, and a token above the one in the state', async () => {
    const state = { ...FRESH, run: 'r0', token: 41, phase: 'drain' as const, drained: true }
    mkdirSync(join(want.stateDir, 'undo'), { recursive: true })
    writeFileSync(join(want.stateDir, 'state'), formatState(state))
    for (const name of ['1.sh', '2.sh', '3.sh.done']) writeFileSync(join(want.stateDir, 'undo', name), 'true')
    expect(await take()).toEqual({ t: 'taken', token: 42, state, undos: 2 })
  })

  it('H32: tells a torn state as unknown, and takes the lease all the same', async () => {
    mkdirSync(want.stateDir, { recursive: true })
    writeFileSync(join(want.stateDir, 'state'), formatState({ ...FRESH, token: 3 }).slice(0, 20))
    expect(await take()).toMatchObject({ t: 'taken', state: null })
    writeFileSync(join(want.stateDir, 'state'), '')
    expect(await take()).toMatchObject({ t: 'taken', state: null })
  })

  it('H32: a state that is gone is unknown where a baseline or an undo shows that there was one, fresh where nothing does', async () => {
    mkdirSync(join(want.stateDir, 'undo'), { recursive: true })
    const look = async () => parseLook((await session.send(compileLook(want.stateDir), never))?.toString() ?? '')
    expect(await take()).toMatchObject({ t: 'taken', state: FRESH })
    expect(await look()).toMatchObject({ state: FRESH })
    writeFileSync(join(want.stateDir, 'undo/000001-0000-drain-1-0.sh'), ':')
    expect(await take()).toMatchObject({ t: 'taken', state: null })
    expect(await look()).toMatchObject({ state: null })
    rmSync(join(want.stateDir, 'undo/000001-0000-drain-1-0.sh'))
    writeFileSync(join(want.stateDir, 'baseline.json'), '{}')
    expect(await take()).toMatchObject({ t: 'taken', state: null })
    expect(await look()).toMatchObject({ state: null })
    writeFileSync(join(want.stateDir, 'state'), formatState(FRESH))
    expect(await take()).toMatchObject({ t: 'taken', state: FRESH })
  })

  it('H22: parses its file and never runs it', async () => {
    mkdirSync(want.stateDir, { recursive: true })
    writeFileSync(
      join(want.stateDir, 'lease'),
      `token=$(touch ${machine.folder}/ran)\nowner=x\`touch ${machine.folder}/ran\`\nup=a[$(touch ${machine.folder}/ran)]\n`,
    )
    expect(await take()).toEqual({ t: 'forged' })
    expect(await take({ ...want, overForged: true })).toMatchObject({ t: 'taken', token: 1 })
    expect(existsSync(join(machine.folder, 'ran'))).toBe(false)
  })

  it('H32: keeps a megabyte in reserve for the day when the disk is full', async () => {
    await take()
    expect(readFileSync(join(want.stateDir, 'reserve'))).toHaveLength(1 << 20)
  })

  it('cannot be taken while a program of an earlier run lives, and names it', async () => {
    const host = new ProgramHost(machine, { stateDir: want.stateDir, lockFile: want.lockFile })
    const release = join(machine.folder, `release-${count}`)
    const running = host.run('update-0', [shStep('long', `until [ -e ${release} ]; do sleep 0.1; done`)])
    while (!existsSync(join(want.stateDir, 'state'))) await pause(20)
    const answer = await take(theirs({ owner: 'late' }))
    expect(answer).toEqual({ t: 'alive', pid: expect.any(Number), dir: `${want.stateDir}/runs/r1/update-0` })
    writeFileSync(release, '')
    await running
    expect(await take(theirs({ owner: 'late' }))).toMatchObject({ t: 'taken', token: 8 })
  })

  it('of a main that is dead is given up by its post where a program lives: the next run need not wait for it to be over', async () => {
    const host = new ProgramHost(machine, { stateDir: want.stateDir, lockFile: want.lockFile })
    const release = join(machine.folder, `release-post-${count}`)
    const running = host.run('update-0', [shStep('long', `until [ -e ${release} ]; do sleep 0.1; done`)])
    while (!existsSync(join(want.stateDir, 'state'))) await pause(20)
    const lease = `token=7\nowner=main\nrun=r1\nboot=${bootId()}\nup=${uptimeS()}\nttl=600\nurl=-\n`
    writeFileSync(join(want.stateDir, 'lease'), lease)
    expect(await take(theirs({ adopt: true }))).toMatchObject({ t: 'held' })
    expect(await take({ ...want, owner: 'post', adopt: true })).toMatchObject({ t: 'alive' })
    expect(readFileSync(join(want.stateDir, 'lease'), 'utf8')).toMatch(/^token=7\nowner=\nrun=r1$/m)
    expect(await take(theirs())).toMatchObject({ t: 'alive' })
    writeFileSync(release, '')
    expect((await running).end).toEqual({ t: 'over' })
    expect(await take(theirs())).toMatchObject({ t: 'taken', token: 8 })
  })

  it('says that the folder cannot be written', async () => {
    writeFileSync(join(machine.folder, 'a-file'), '')
    expect(await take({ ...want, stateDir: join(machine.folder, 'a-file', 'state') })).toEqual({ t: 'unwritable' })
  })
})

describe.skipIf(!isRoot).each(SHELLS.filter(hasShell))('the folder of a lease taken as root, in %s', (shell) => {
  let machine: ShellMachine
  let session: HostSession
  beforeAll(async () => {
    // Not below /tmp: everybody may write there, which is what is refused.
    machine = shellMachine(shell, '/run')
    session = await HostSession.open(
      { dialer: shellDialer(machine), clock: systemClock, become: 'none', stateDir: null },
      never,
    )
  })
  afterAll(() => machine.dispose())
  beforeEach(() => rmSync(join(machine.folder, 'a'), { recursive: true, force: true }))

  async function takeIn(stateDir: string) {
    const want = {
      stateDir,
      lockFile: `${stateDir}/lock/program`,
      asRoot: true,
      adopt: false,
      run: 'r1',
      owner: 'me',
      url: '-',
    }
    return parseTake((await session.send(compileTake(want), never))?.toString() ?? '')
  }

  it('H22: is taken where every component is a folder of root alone', async () => {
    expect(await takeIn(join(machine.folder, 'a', 'b'))).toMatchObject({ t: 'taken' })
  })

  it.each([0o777, 0o775, 0o1777])('H22: is refused below a folder of mode %o', async (mode) => {
    const open = join(machine.folder, 'a')
    mkdirSync(open)
    chmodSync(open, mode)
    expect(await takeIn(join(open, 'state'))).toEqual({ t: 'unsafe', path: open })
    expect(existsSync(join(open, 'state'))).toBe(false)
  })

  it('H22: is refused behind a symlink, dangling ones included', async () => {
    const link = join(machine.folder, 'a')
    symlinkSync('/etc', link)
    expect(await takeIn(join(link, 'state'))).toEqual({ t: 'unsafe', path: link })
    rmSync(link)
    symlinkSync('/nowhere', link)
    expect(await takeIn(join(link, 'state'))).toEqual({ t: 'unsafe', path: link })
  })

  it('H22: changes the mode of no folder that it did not make', async () => {
    mkdirSync(join(machine.folder, 'a'), { mode: 0o755 })
    expect(await takeIn(join(machine.folder, 'a'))).toMatchObject({ t: 'taken' })
    expect(statSync(join(machine.folder, 'a')).mode & 0o777).toBe(0o755)
  })

  it('H22: is refused where a file lies in the way', async () => {
    writeFileSync(join(machine.folder, 'a'), '')
    expect(await takeIn(join(machine.folder, 'a', 'state'))).toMatchObject({ t: 'unsafe' })
  })
})

describe('the answer to a lease', () => {
  it.each([
    '',
    'safe',
    'safe\n',
    'safe\ntaken 1 0\n',
    'safe\ntaken x 0\nend\n',
    'taken 1 0\nend\n',
    'safe\nheld\n',
    'unsafe tmp\n',
  ])('is unknown when %j came', (text) => expect(parseTake(text)).toEqual({ t: 'unknown' }))
})
