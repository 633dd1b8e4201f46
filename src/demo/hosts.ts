/** Every address of 127/8 is this machine, so each host of the demo can have one of its own. */
export const WEB_HOSTS = [
  { name: 'web-1', address: '127.0.0.11' },
  { name: 'web-2', address: '127.0.0.12' },
  { name: 'web-3', address: '127.0.0.13' },
] as const

export const BALANCER_HOST = { name: 'lb-1', address: '127.0.0.5' } as const

/** The hosts that are maintained. */
export const DEMO_HOSTS: readonly string[] = WEB_HOSTS.map((host) => host.name)
