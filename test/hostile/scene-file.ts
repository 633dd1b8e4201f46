import { stringify } from 'yaml'

/** A host of the scene, as the maintenance file names it. */
export interface SceneHost {
  readonly name: string
  readonly port: number
  readonly home: string
}

const TRAFFIC = (host: SceneHost, balancer: SceneHost | null) => {
  const file = balancer === null ? `${host.home}/out` : `${balancer.home}/out-${host.name}`
  return [
    {
      command: {
        ...(balancer === null ? {} : { on: balancer.name }),
        drain: `: >${file}`,
        undrain: `rm -f ${file}`,
        state: `[ -e ${file} ] && echo out || echo in`,
      },
    },
  ]
}

const stagesOf = (host: SceneHost, balancer: SceneHost | null, secret: string) => ({
  prepare: { backup: [], download: false, space: false, before: [{ run: 'true' }] },
  monitor: {
    sample: '0s',
    limits: { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false },
  },
  drain: { when: 'always', traffic: TRAFFIC(host, balancer), connections: { for: '0s' } },
  clean: { package_cache: false, kernels: false, temp: false },
  update: {
    packages: 'none',
    lock_wait: '5s',
    reboot: 'never',
    apps: [{ name: 'app', run: `echo 2 >${host.home}/version`, version: `cat ${host.home}/version` }],
    after: [{ run: '[ -n "$WORD" ]', env: { WORD: `\${env:${secret}}` } }],
  },
  verify: {
    compare: false,
    security: false,
    checks: [{ command: { run: `[ -s ${host.home}/version ]` } }],
    retry: { for: '0s', every: '1s', passes: 1 },
  },
  golive: { watch: '0s' },
})

/**
 * The reviewed file: web-1 (hostile) and web-2 are maintained, each a group; db-1 is of the fleet and not chosen.
 * `isBehindBalancer`: the traffic of web-1 is led away at lb-1, which is then the hostile one.
 */
export function sceneFile(
  hosts: Readonly<Record<'web-1' | 'web-2' | 'db-1' | 'lb-1', SceneHost>>,
  isBehindBalancer = false,
): string {
  const entry = (host: SceneHost, more: object) => ({
    address: '127.0.0.1',
    port: host.port,
    become: 'none',
    state_dir: `${host.home}/.pitstop/state`,
    ...more,
  })
  return stringify({
    version: 1,
    owner: 'ops@example.com',
    ssh: { user: 'maint' },
    rollout: { canary: 1, canary_soak: '0s', soak: '0s' },
    hosts: {
      'web-1': entry(hosts['web-1'], { group: 'bad' }),
      'web-2': entry(hosts['web-2'], { group: 'good' }),
      'db-1': entry(hosts['db-1'], { group: 'db' }),
      'lb-1': entry(hosts['lb-1'], { maintain: false }),
    },
    groups: {
      bad: { stages: stagesOf(hosts['web-1'], isBehindBalancer ? hosts['lb-1'] : null, 'BAD_WORD') },
      good: { stages: stagesOf(hosts['web-2'], null, 'GOOD_WORD') },
      db: { stages: stagesOf(hosts['db-1'], hosts['lb-1'], 'DB_WORD') },
    },
  })
}
