import { setTimeout as sleep } from 'node:timers/promises'
import type { LabHost } from '../lab/lab-host'
import { type Fault, nothingToRepair, plain } from './fault'
import { passLeaseTime } from './lease-time'

/** The runner dies, by itself or together with something else. */
export const sigkill: Fault = {
  ...plain,
  name: 'sigkill',
  title: 'SIGKILL of the runner',
  killsRunner: true,
  async strike({ run }) {
    run.kill()
    return nothingToRepair
  },
}

const DEAD_MAN_MS = 45_000

/** The dead man ends its watch by taking its `armed` file away, whatever it did. */
async function whenDeadManActed(host: LabHost): Promise<void> {
  const until = Date.now() + DEAD_MAN_MS
  // A host that is going down answers nobody: it is asked again when it is back.
  const isArmed = async () =>
    (await host.exec('[ ! -e /var/lib/pitstop/dead-man/armed ]').catch(() => null))?.exitCode !== 0
  while ((await isArmed()) && Date.now() < until) await sleep(300)
}

export const deadMan: Fault = {
  ...plain,
  name: 'dead-man',
  title: "SIGKILL of the runner, nobody comes: the dead man's timer acts first",
  killsRunner: true,
  onlyIn: ['drain', 'clean', 'update'],
  slowSeconds: 16,
  async strike({ run, host, lab }) {
    run.kill()
    await run.ended
    await passLeaseTime(lab)
    await whenDeadManActed(host)
    return nothingToRepair
  },
}

export const cutAndKill: Fault = {
  ...plain,
  name: 'cut-and-kill',
  title: 'The network is cut, and the runner is killed while it is',
  killsRunner: true,
  async strike({ run, host }) {
    await host.cut()
    await sleep(1_500)
    run.kill()
    return () => host.heal()
  },
}

export const powerAndKill: Fault = {
  ...plain,
  name: 'power-and-kill',
  title: 'Power cut of the host and of the runner at once',
  killsRunner: true,
  boots: 1,
  takesHostAway: true,
  interruptsDpkg: 'always',
  async strike({ run, host }) {
    run.kill()
    await host.powerCut()
    return () => host.powerOn()
  },
}
