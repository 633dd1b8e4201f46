import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { DISK_AT, DISK_MEGABYTES, HostDisk } from './host-disk'
import { setUpHelper, setUpTarget } from './host-setup'
import { HELPER, offerOf, TARGETS } from './scenario'

/** Two hosts and a balancer, which are as new before every strike. */
export class Fleet implements AsyncDisposable {
  readonly lab: Lab
  readonly #disks = new Map<string, HostDisk>()
  /** What is not as new; after the making all are off. */
  #used: readonly string[] = [HELPER, ...TARGETS]

  private constructor(lab: Lab) {
    this.lab = lab
  }

  static async start(): Promise<Fleet> {
    const lab = await startLab([HELPER])
    try {
      const disks = [{ at: DISK_AT, megabytes: DISK_MEGABYTES }]
      for (const name of TARGETS) await lab.addHost(name, { disks })
      const fleet = new Fleet(lab)
      await setUpHelper(lab)
      await Promise.all([HELPER, ...TARGETS].map((name) => fleet.#makeReady(lab.host(name))))
      return fleet
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  async #makeReady(host: LabHost): Promise<void> {
    const disk = new HostDisk(host)
    this.#disks.set(host.name, disk)
    if (host.name !== HELPER) {
      await disk.populate()
      await setUpTarget(host)
    }
    await disk.keep()
  }

  /** The disks of a host, for evidence. @throws for a host that the fleet does not have */
  disk(name: string): HostDisk {
    const disk = this.#disks.get(name)
    if (disk === undefined) throw new Error(`the fleet has no host ${name}`)
    return disk
  }

  /**
   * Hosts as they were when the fleet was made, up, with this update on offer. Those that the last strike had no use for
   * are so already.
   */
  async reset(next: { readonly isBroken: boolean; readonly uses: readonly string[] }): Promise<void> {
    for (const name of TARGETS) this.lab.host(name).offer(offerOf(next.isBroken))
    await Promise.all(
      [...this.#used].map(async (name) => {
        await this.disk(name).restore()
        await this.lab.host(name).whenUp()
      }),
    )
    this.#used = next.uses
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }
}
