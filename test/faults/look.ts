import type { Lab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { HELPER, TARGETS, type Target, type Variant } from './scenario'
import { parseWitness, type Witness } from './witness'

/** A host as somebody finds it who stands beside it and never asks Pitstop. */
export interface HostLook {
  readonly isOn: boolean
  /** Kept from its users by balancer or packet filter; null: this variant has neither. */
  readonly isOut: boolean | null
  /** As systemd says: `active`, `inactive` … */
  readonly unit: string
  /** HTTP status of the service, asked on the host itself; `000`: no answer. */
  readonly answer: string
  /** `name=version=status` of each package of the update. */
  readonly packages: readonly string[]
  readonly audit: string
  /** Drop-ins that hold units. */
  readonly holds: readonly string[]
  /** `<state_dir>/state` by key. */
  readonly state: ReadonlyMap<string, string>
  readonly undos: number
  /** How often dpkg upgraded the service. */
  readonly upgrades: number
  readonly witness: readonly Witness[]
}

const LOOK = `
echo "unit=$(systemctl is-active demo-web)"
echo "answer=$(curl -s -m 3 -o /dev/null -w '%{http_code}' http://localhost:8080/health)"
if nft list table inet users >/dev/null 2>&1; then echo gate=out; else echo gate=in; fi
echo "packages=$(dpkg-query -W -f '\${Package}=\${Version}=\${db:Status-Status} ' demo-web demo-slow demo-reboot)"
echo "audit=$(dpkg --audit 2>&1 | tr '\\n' ' ')"
echo "holds=$(find /etc/systemd/system /run/systemd/system -path '*.d/*pitstop*' | tr '\\n' ' ')"
echo "undos=$(ls /var/lib/pitstop/undo/*.sh 2>/dev/null | wc -l)"
echo "upgrades=$(grep -c ' upgrade demo-web:all 1.0 ' /var/log/dpkg.log)"
sed 's/^/state./' /var/lib/pitstop/state 2>/dev/null
echo witness
cat /var/log/witness
`

const OFF: HostLook = {
  isOn: false,
  isOut: null,
  unit: '',
  answer: '',
  packages: [],
  audit: '',
  holds: [],
  state: new Map(),
  undos: 0,
  upgrades: 0,
  witness: [],
}

/** Every struck host, now. */
export async function lookAtAll(lab: Lab, variant: Variant): Promise<ReadonlyMap<Target, HostLook>> {
  const out = variant === 'balancer' ? await outAtBalancer(lab) : new Set<string>()
  const looks = await Promise.all(
    TARGETS.map(async (name): Promise<[Target, HostLook]> => {
      const look = await lookAt(lab.host(name))
      if (variant === 'balancer') return [name, { ...look, isOut: out.has(name) }]
      return [name, variant === 'stopped' ? { ...look, isOut: null } : look]
    }),
  )
  return new Map(looks)
}

async function lookAt(host: LabHost): Promise<HostLook> {
  if (!host.isOn()) return OFF
  const { stdout } = await host.exec(LOOK, { timeoutMs: 20_000 })
  const [facts = '', lines = ''] = stdout.split(/^witness\n/m)
  const values = new Map(facts.split('\n').map((line) => cut(line)))
  const get = (key: string) => values.get(key) ?? ''
  const words = (key: string) => get(key).split(' ').filter(Boolean)
  const state = [...values].flatMap(([key, value]): [string, string][] =>
    key.startsWith('state.') ? [[key.slice('state.'.length), value]] : [],
  )
  return {
    isOn: true,
    isOut: get('gate') === 'out',
    unit: get('unit'),
    answer: get('answer'),
    packages: words('packages'),
    audit: get('audit').trim(),
    holds: words('holds'),
    state: new Map(state),
    undos: Number(get('undos')),
    upgrades: Number(get('upgrades')),
    witness: parseWitness(lines),
  }
}

function cut(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

async function outAtBalancer(lab: Lab): Promise<ReadonlySet<string>> {
  const ask = "echo 'show servers state web' | socat - UNIX-CONNECT:/run/haproxy/admin.sock"
  const rows = (await lab.host(HELPER).must(ask)).split('\n').map((line) => line.split(' '))
  return new Set(rows.filter((row) => row[6] === '1').map((row) => row[3] ?? ''))
}

/** What the balancer's machine wrote down. */
export async function helperWitness(lab: Lab): Promise<readonly Witness[]> {
  return parseWitness((await lab.host(HELPER).exec('cat /var/log/witness')).stdout)
}
