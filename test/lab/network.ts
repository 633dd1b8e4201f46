import { ipBatch, requireCommand } from './run-command'
import { type LabRun, switchNamespace, uplinkName } from './run-registry'

/** A switch in a namespace of its own, with no way out, and one cable to the namespace of the tests. */
export async function buildNetwork(run: LabRun): Promise<void> {
  const lab = switchNamespace(run.id)
  const uplink = uplinkName(run.id)
  await ipBatch(null, [`netns add ${lab}`, `link add ${uplink} type veth peer name trunk netns ${lab}`])
  await requireCommand('ip', ['netns', 'exec', lab, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward'])
  await ipBatch(lab, [
    'link set lo up',
    'link add br0 type bridge',
    `addr add ${run.subnet}.1/24 dev br0`,
    'link set br0 up',
    'link set trunk master br0',
    'link set trunk up',
  ])
  await ipBatch(null, [`addr add ${runnerAddress(run)}/24 dev ${uplink}`, `link set ${uplink} up`])
}

/** The tests' own address in the lab's network. */
export const runnerAddress = (run: LabRun) => `${run.subnet}.2`
export const hostAddress = (run: LabRun, number: number) => `${run.subnet}.${10 + number}`
export const hostNamespace = (run: LabRun, number: number) => `${switchNamespace(run.id)}-${number}`
/** Port of the switch that a host's cable is in. */
export const switchPort = (number: number) => `h${number}`

/** A namespace for one host, cabled to the switch. */
export async function cableHost(run: LabRun, number: number): Promise<void> {
  const lab = switchNamespace(run.id)
  const namespace = hostNamespace(run, number)
  const port = switchPort(number)
  await ipBatch(null, [`netns add ${namespace}`])
  await ipBatch(lab, [`link add ${port} type veth peer name host0 netns ${namespace}`, `link set ${port} master br0`])
  await ipBatch(namespace, [
    'link set lo up',
    `addr add ${hostAddress(run, number)}/24 dev host0`,
    'link set host0 up',
    // Leads to the switch, which forwards nothing: hosts look like hosts with a gateway.
    `route add default via ${run.subnet}.1`,
  ])
}
