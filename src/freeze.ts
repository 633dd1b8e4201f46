import type { HostConfig, MaintenanceFile } from './config/schema'

/**
 * The loaded file as text, and back: post works from what main read, not from a workspace that may be at another commit
 * by then (H7). It carries no secret: the file only names them.
 */
export function freezeFile(file: MaintenanceFile): string {
  const hosts = [...file.hosts.values()].map(({ scripts: _, ...host }) => host)
  return JSON.stringify({ ...file, hosts, groups: [...file.groups.values()], scripts: [...file.scripts.values()] })
}

/** @throws where the text is none of ours; its hash was compared before */
export function thawFile(text: string): MaintenanceFile {
  const raw = JSON.parse(text)
  const scripts = new Map(raw.scripts.map((s: { path: string }) => [s.path, s])) as MaintenanceFile['scripts']
  const hosts: HostConfig[] = raw.hosts.map((host: Omit<HostConfig, 'scripts'>) => ({ ...host, scripts }))
  return {
    ...raw,
    scripts,
    hosts: new Map(hosts.map((h) => [h.name, h])),
    groups: new Map(raw.groups.map((g: { name: string }) => [g.name, g])),
    lineOf: () => null,
  }
}
