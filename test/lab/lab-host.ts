import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AptRepository, Offer } from './apt-repository'
import type { Base } from './base'
import { cgroupFolder, cgroupName } from './cgroup'
import { type HostKey, makeHostKey } from './host-key'
import { cableHost, hostAddress, hostNamespace, switchPort } from './network'
import { type CommandOptions, type CommandResult, ipBatch, requireCommand, runCommand } from './run-command'
import { type LabRun, switchNamespace } from './run-registry'

export interface LabHostOptions {
  /** Small ext4 disks of their own (loop devices), for a file system that fills up, is trimmed or turns read-only. */
  readonly disks?: readonly { readonly at: string; readonly megabytes: number }[]
}

/** A real Debian with systemd as process 1 that boots, reboots, loses power and is cut off. */
export class LabHost {
  readonly name: string
  readonly address: string
  readonly port = 22
  readonly hostKey: HostKey
  /** The host's root file system as this machine sees it, also while the host is off. */
  readonly root: string
  readonly #run: LabRun
  readonly #number: number
  readonly #folder: string
  readonly #repository: AptRepository
  readonly #binds: readonly string[]

  private constructor(
    run: LabRun,
    number: number,
    name: string,
    key: HostKey,
    repository: AptRepository,
    binds: string[],
  ) {
    this.name = name
    this.address = hostAddress(run, number)
    this.hostKey = key
    this.#run = run
    this.#number = number
    this.#folder = join(run.folder, name)
    this.root = join(this.#folder, 'root')
    this.#repository = repository
    this.#binds = binds
  }

  /** Makes the host and switches it on; does not wait for it. */
  static async create(
    run: LabRun,
    base: Base,
    repository: AptRepository,
    number: number,
    name: string,
    options: LabHostOptions = {},
  ): Promise<LabHost> {
    const folder = join(run.folder, name)
    const root = join(folder, 'root')
    for (const part of ['upper', 'work', 'root']) await mkdir(join(folder, part), { recursive: true })
    const layers = `lowerdir=${base.root},upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`
    await requireCommand('mount', ['-t', 'overlay', 'overlay', '-o', layers, root])
    const key = await makeHostKey(join(root, 'etc/ssh/ssh_host_ed25519_key'), name, hostAddress(run, number))
    await writeFile(join(root, 'etc/hostname'), `${name}\n`)
    // Without its own name here sudo complains.
    await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${name}\n`)
    await writeFile(join(root, 'etc/apt/sources.list'), repository.sourcesFor(name))
    const binds = await Promise.all(
      (options.disks ?? []).map((disk, i) => makeDisk(folder, i, disk.at, disk.megabytes)),
    )
    await cableHost(run, number)
    const host = new LabHost(run, number, name, key, repository, binds)
    await host.powerOn()
    return host
  }

  /** Runs a command as root from outside, without ssh: the observer. @throws when the host is off */
  async exec(command: string, options: CommandOptions = {}): Promise<CommandResult> {
    const pid = await this.#firstProcess()
    if (pid === null) throw new Error(`host ${this.name} is off: cannot run ${command}`)
    const enter = ['-t', pid, '-m', '-u', '-i', '-n', '-p', '--root', '--wdns=/', '--', '/usr/bin/env', '-i']
    const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C']
    // A shutdown stops every process of the host; nsenter copies that, and would never reap the dead child it waits for:
    // the host could not end.
    return runCommand('nsenter', [...enter, ...environment, 'sh', '-c', command], { ...options, keepAwake: true })
  }

  /** As `exec`, and returns what was printed. @throws unless it ended with 0 */
  async must(command: string, options: CommandOptions = {}): Promise<string> {
    const result = await this.exec(command, options)
    if (result.exitCode === 0) return result.stdout
    throw new Error(
      `on ${this.name}: ${command}: exit ${result.exitCode}\n${(result.stderr || result.stdout).slice(-3000)}`,
    )
  }

  /** From the host's next `apt-get update` on it finds these versions besides 1.0 of everything. */
  offer(offer: Offer): void {
    this.#repository.offer(this.name, offer)
  }

  /** While true the host's package repositories answer 503. */
  setRepositoryDown(down: boolean): void {
    this.#repository.setDown(this.name, down)
  }

  async bootId(): Promise<string> {
    return (await this.must('cat /proc/sys/kernel/random/boot_id')).trim()
  }

  /** Waits until systemd has started everything and sshd answers. @throws after `timeoutMs`, with the end of the console */
  async whenUp(timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!((await this.#hasStarted()) && (await this.answers()))) {
      if (Date.now() > deadline)
        throw new Error(`host ${this.name} is not up after ${timeoutMs} ms\n${await this.#consoleTail()}`)
      await sleep(50)
    }
  }

  /** Waits until the host runs with another boot id than `before` and is up. */
  async whenRebooted(before: string, timeoutMs = 90_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while ((await this.bootId().catch(() => before)) === before) {
      if (Date.now() > deadline) throw new Error(`host ${this.name} did not reboot within ${timeoutMs} ms`)
      await sleep(50)
    }
    await this.whenUp(timeoutMs)
  }

  /** An orderly reboot, as a person would do it; waits until the host is up again. */
  async reboot(): Promise<void> {
    const before = await this.bootId()
    await this.exec('systemctl reboot')
    await this.whenRebooted(before)
  }

  /** Whether a TCP connection to `port` is accepted, seen from the tests. For sshd its greeting is awaited too. */
  answers(port: number = this.port, timeoutMs = 1_000): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port, timeout: timeoutMs })
      const end = (yes: boolean) => {
        socket.destroy()
        resolve(yes)
      }
      socket.on('connect', () => port !== this.port && end(true))
      socket.on('data', () => end(true))
      socket.on('error', () => end(false))
      socket.on('timeout', () => end(false))
      socket.on('close', () => end(false))
    })
  }

  /** Pulls the network cable; the host runs on. */
  async cut(): Promise<void> {
    await writeFile(join(this.#folder, 'cut'), '')
    await ipBatch(switchNamespace(this.#run.id), [`link set ${switchPort(this.#number)} down`])
  }

  /** Puts the cable back. */
  async heal(): Promise<void> {
    await rm(join(this.#folder, 'cut'), { force: true })
    if (this.isOn()) await ipBatch(switchNamespace(this.#run.id), [`link set ${switchPort(this.#number)} up`])
  }

  isOn(): boolean {
    return !existsSync(join(this.#folder, 'off'))
  }

  /** Every process of the host dies at once, nothing is told to stop. Returns when it is off. */
  async powerCut(): Promise<void> {
    await ipBatch(switchNamespace(this.#run.id), [`link set ${switchPort(this.#number)} down`])
    await writeFile(join(this.#payload(), 'cgroup.kill'), '1')
    await this.whenOff()
  }

  /** Waits until the host is off (power cut, poweroff, a reboot that does not return). */
  async whenOff(timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (this.isOn()) {
      if (Date.now() > deadline) throw new Error(`host ${this.name} is still on after ${timeoutMs} ms`)
      await sleep(30)
    }
  }

  /** Switches the host on; does not wait for it (`whenUp`). */
  async powerOn(): Promise<void> {
    await rm(join(this.#folder, 'off'), { force: true })
    const group = cgroupName(this.#run.id)
    await mkdir(join(cgroupFolder(this.#run.id), 'boot'), { recursive: true })
    const console = openSync(join(this.#folder, 'console.log'), 'a')
    // The boot script joins the lab's cgroup first: whoever clears that up finds it, also after our death.
    const start = 'echo $$ > "$0/cgroup.procs"; exec "$@"'
    const args = [
      this.#folder,
      `${group}/${this.name}`,
      `${group}-${this.name}`,
      hostNamespace(this.#run, this.#number),
      switchNamespace(this.#run.id),
      switchPort(this.#number),
      ...this.#binds,
    ]
    const script = join(import.meta.dirname, 'recipe/boot.sh')
    const child = spawn('bash', ['-c', start, join(cgroupFolder(this.#run.id), 'boot'), 'bash', script, ...args], {
      detached: true,
      stdio: ['ignore', console, console],
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    })
    child.unref()
    closeSync(console)
  }

  /** Stops every process where it stands: connections are accepted by the kernel, nobody answers. */
  async freeze(): Promise<void> {
    await writeFile(join(this.#payload(), 'cgroup.freeze'), '1')
  }

  async thaw(): Promise<void> {
    await writeFile(join(this.#payload(), 'cgroup.freeze'), '0')
  }

  /** From now on a reboot takes this much longer; 0 ends it. */
  async setRebootDelay(seconds: number): Promise<void> {
    const file = join(this.#folder, 'reboot-delay')
    await (seconds > 0 ? writeFile(file, String(seconds)) : rm(file, { force: true }))
  }

  /** While true a reboot ends in a host that is off. */
  async setNoReturn(noReturn: boolean): Promise<void> {
    const file = join(this.#folder, 'no-return')
    await (noReturn ? writeFile(file, '') : rm(file, { force: true }))
  }

  /** Lays an empty file system of this size over a folder of the host, until its next reboot. */
  async layOver(path: string, megabytes: number): Promise<void> {
    await this.must(`mkdir -p '${path}' && mount -t tmpfs -o size=${megabytes}m,mode=755 lab '${path}'`)
  }

  /** Fills the file system of `path` until nothing more fits. */
  async fill(path: string): Promise<void> {
    // Ends with "no space left", which is what is wanted.
    await this.exec(`cat /dev/zero > '${path}/lab-filler'`)
  }

  async unfill(path: string): Promise<void> {
    await this.must(`rm -f '${path}/lab-filler'`)
  }

  /** Turns a folder below / read-only or back, by a mount of its own: / itself is busy with open files. */
  async setReadOnly(path: string, readOnly: boolean): Promise<void> {
    if (readOnly) await this.must(`mount --bind '${path}' '${path}' && mount -o remount,bind,ro '${path}'`)
    else await this.must(`umount '${path}'`)
  }

  #payload(): string {
    return join(cgroupFolder(this.#run.id), this.name, 'payload')
  }

  async #firstProcess(): Promise<string | null> {
    const file = join(this.#payload(), 'init.scope/cgroup.procs')
    const pids = await readFile(file, 'utf8').catch(() => '')
    return pids.split('\n')[0] || null
  }

  async #hasStarted(): Promise<boolean> {
    // "degraded" is up too: a test may want a host with a failed unit.
    const state = await this.exec('systemctl is-system-running').catch(() => null)
    return state !== null && ['running', 'degraded'].includes(state.stdout.trim())
  }

  async #consoleTail(): Promise<string> {
    return (await readFile(join(this.#folder, 'console.log'), 'utf8').catch(() => '')).slice(-2000)
  }
}

/** @returns the option of systemd-nspawn that shows a fresh ext4 to the host at `at` */
async function makeDisk(folder: string, index: number, at: string, megabytes: number): Promise<string> {
  const image = join(folder, `disk-${index}.img`)
  const mount = join(folder, `disk-${index}`)
  await mkdir(mount)
  await requireCommand('truncate', ['-s', `${megabytes}M`, image])
  await requireCommand('mkfs.ext4', ['-q', '-m', '0', image])
  await requireCommand('mount', ['-o', 'loop', image, mount])
  return `--bind=${mount}:${at}`
}
