import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, nothingToRepair, plain } from './fault'
import { HELPER } from './scenario'

const SHORT_MS = 5_000

export const partition: Fault = {
  ...plain,
  name: 'partition',
  title: 'The network of the host is cut for 5 s',
  takesHostAway: true,
  slowSeconds: 5,
  async strike({ host }) {
    await host.cut()
    await sleep(SHORT_MS)
    await host.heal()
    return nothingToRepair
  },
}

export const partitionForGood: Fault = {
  ...plain,
  name: 'partition-for-good',
  title: 'The network of the host is cut until the run has ended',
  takesHostAway: true,
  slowSeconds: 80,
  async strike({ host, run }) {
    await host.cut()
    await run.ended
    return () => host.heal()
  },
}

export const helperCut: Fault = {
  ...plain,
  name: 'helper-cut',
  title: 'The network of the load balancer that carries the undo is cut for 5 s',
  slowSeconds: 5,
  async strike({ lab }) {
    const helper = lab.host(HELPER)
    await helper.cut()
    await sleep(SHORT_MS)
    await helper.heal()
    return nothingToRepair
  },
}
