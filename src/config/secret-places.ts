import { expand, secretName } from './command'
import type { HostConfig } from './schema'

/** The places that get secrets for the maintenance of a host: `host`, `runner`, or the name of a helper. */
export function placesOfSecrets(host: HostConfig): ReadonlySet<string> {
  const places = new Set<string>()
  collect(host.stages, host, places)
  return places
}

/** Wherever a command of the file stands, it has its `env:` and, where it may run elsewhere, its `on:` beside it. */
function collect(node: unknown, host: HostConfig, places: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  const { env, on } = node as { readonly env?: unknown; readonly on?: unknown }
  if (hasSecret(env)) places.add(typeof on === 'string' ? expand(on, host) : 'host')
  for (const child of Object.values(node)) collect(child, host, places)
}

const hasSecret = (env: unknown) =>
  typeof env === 'object' &&
  env !== null &&
  Object.values(env).some((value) => typeof value === 'string' && secretName(value) !== null)
