import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ensureBase, removeTree } from '../lab/base'
import type { LabHost } from '../lab/lab-host'
import { requireCommand, runCommand } from '../lab/run-command'

/** Where the disk of its own is in each struck host: state, package database and lists lie there, and it can be full. */
export const DISK_AT = '/var/lib'
export const DISK_MEGABYTES = 96

/** The disks of one host, as they were when it was ready: what every strike begins with. */
export class HostDisk {
  readonly #host: LabHost
  readonly #folder: string
  #layer: string
  #count = 0

  constructor(host: LabHost) {
    this.#host = host
    this.#folder = dirname(host.root)
    this.#layer = join(this.#folder, 'upper')
  }

  get #disk(): string {
    return join(this.#folder, 'disk-0')
  }

  /** The lab gives an empty disk: it gets what the base has there. The host is on before and after. */
  async populate(): Promise<void> {
    await this.#host.powerCut()
    const { root } = await ensureBase()
    await requireCommand('cp', ['-a', `${root}${DISK_AT}/.`, this.#disk])
    await this.#host.powerOn()
    await this.#host.whenUp()
  }

  /** Keeps both disks as they are now; the host is switched off for it and stays off. */
  async keep(): Promise<void> {
    await this.#host.powerCut()
    await requireCommand('cp', ['-a', this.#layer, join(this.#folder, 'golden-layer')])
    if (existsSync(this.#disk)) await requireCommand('cp', ['-a', this.#disk, join(this.#folder, 'golden-disk')])
  }

  /** Power off, disks as they were kept, power on. Does not wait for the host. */
  async restore(): Promise<void> {
    if (this.#host.isOn()) await this.#host.powerCut()
    await this.#relayer()
    if (existsSync(this.#disk)) {
      await requireCommand('find', [this.#disk, '-mindepth', '1', '-delete'])
      await requireCommand('cp', ['-a', `${join(this.#folder, 'golden-disk')}/.`, this.#disk])
    }
    await rm(join(this.#folder, 'cut'), { force: true })
    await this.#host.setRebootDelay(0)
    await this.#host.setNoReturn(false)
    await this.#host.powerOn()
  }

  /** A layer of a new name: mount namespaces of other hosts may still hold the last one. */
  async #relayer(): Promise<void> {
    const { root } = await ensureBase()
    const polite = await runCommand('umount', [this.#host.root])
    if (polite.exitCode !== 0) await requireCommand('umount', ['-l', this.#host.root])
    const last = this.#layer
    this.#count += 1
    this.#layer = join(this.#folder, `layer-${this.#count}`)
    const work = join(this.#folder, `work-${this.#count}`)
    await requireCommand('cp', ['-a', join(this.#folder, 'golden-layer'), this.#layer])
    await mkdir(work)
    const layers = `lowerdir=${root},upperdir=${this.#layer},workdir=${work}`
    await requireCommand('mount', ['-t', 'overlay', 'overlay', '-o', layers, this.#host.root])
    await removeTree(last)
    await removeTree(join(this.#folder, `work-${this.#count - 1}`))
  }

  /** What is left of a host for those who look into a broken promise. */
  async copyTo(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    for (const path of ['var/log/witness', 'var/log/dpkg.log', 'var/lib/pitstop'])
      await cp(
        join(path.startsWith('var/lib/') ? join(this.#disk, path.slice(8)) : join(this.#layer, path)),
        join(folder, path.replaceAll('/', '-')),
        {
          recursive: true,
        },
      ).catch(() => undefined)
  }
}
