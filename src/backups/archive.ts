import { diskOf, disks } from '../facts/disks'
import { onSuccess } from '../facts/exit'
import { type Fact, ok, unknown } from '../facts/fact'
import { withoutLeading, withoutTrailing } from '../facts/trim'
import { packageManagerOf } from '../packages/facts'
import { sh } from '../shell/sh'
import type { Observation, StageInput } from '../stages/stage'
import { archiveName, writeArchive } from './archive-sh'
import type { Backup } from './backup'

export interface ArchiveConfig {
  readonly paths: readonly string[]
  readonly to: string
  readonly keep: number
}

const HOUR_MS = 3_600_000

/** Paths of the host in one compressed archive on the host, with a manifest, proved by a restored sample. */
export function archiveBackup(config: ArchiveConfig): Backup {
  const label = labelOf(config.paths)
  const step = `backup.archive.${label.toLowerCase()}`
  const size = contentSize(label, config.paths)
  return {
    id: `archive:${config.paths.join(',')}`,
    ...(config.paths.some((p) => /^\/(?:etc|root|var|boot)?(?:\/|$)/.test(p))
      ? { needsRoot: `the archive of ${config.paths.join(', ')} holds files that only root can read` }
      : {}),
    facts: [disks, size],
    need: (x) => {
      const bytes = x.facts.get(size)
      return bytes.ok ? { path: config.to, bytes: bytes.value } : undefined
    },
    warnings: (x) => sameDisk(x, config),
    steps: (x) => {
      const manager = packageManagerOf(x.facts)
      return [
        {
          do: 'sh',
          id: step,
          title: `Archive ${config.paths.join(', ')} to ${config.to} and restore a sample`,
          place: 'host',
          required: true,
          disruptive: false,
          changes: true,
          timeoutMs: HOUR_MS,
          output: { data: 4096 },
          run: writeArchive({
            ...config,
            label,
            stamp: stampOf(x.run.now),
            run: x.run.id,
            packageList: manager.ok && manager.value !== null ? manager.value.list : null,
          }),
        },
      ]
    },
    made: (x) => {
      const result = x.results.get(`prepare/${step}`)
      if (result === undefined) return []
      const name = archiveName(result.output)
      const proved = result.outcome === 'done' && name !== undefined && /^sha256 [0-9a-f]{64}$/m.test(result.output)
      // As it was printed: when this is planned, it is another second than when the archive was begun.
      const folder = `${config.to}/${name ?? label}`
      const changed: Observation[] = /^changed 1$/m.test(result.output)
        ? [
            {
              kind: 'finding',
              what: `Files changed while ${config.paths.join(', ')} was archived`,
              severity: 'info',
              advice: 'Back up data that changes by its own tool, such as a database dump',
            },
          ]
        : []
      return [
        {
          kind: 'backup',
          id: `archive:${folder}`,
          proved,
          restoreWith: restoreCommand(`${folder}/archive.tar.gz`),
        },
        ...changed,
      ]
    },
  }
}

/** The exact command that puts an archive back in place. */
export function restoreCommand(file: string): string {
  return sh`tar --extract --gzip --file=${file} --directory=/ --same-permissions --same-owner --numeric-owner --acls --xattrs`
    .text
}

/** `/etc` → `etc`, `/etc,/var/www` → `etc_var-www`: part of the folder's name, so that `keep` counts alike with alike. */
function labelOf(paths: readonly string[]): string {
  const label = paths
    .map((p) => withoutTrailing(withoutLeading(p, '/'), '/').replace(/[^A-Za-z0-9]+/g, '-') || 'root')
    .join('_')
  return label.replaceAll('_', '.').slice(0, 80)
}

/** `20261122T020000Z` */
function stampOf(now: Date): string {
  return `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** Bytes below the paths before compression: more than an archive of them takes. */
function contentSize(label: string, paths: readonly string[]): Fact<number> {
  return {
    id: `content-size-${label}`,
    sh: sh`du -skc -- ${paths} 2>/dev/null | tail -n 1`,
    cap: 4096,
    parse: onSuccess((out) => {
      const kib = /^(\d{1,15})\s/.exec(out)?.[1]
      return kib === undefined ? unknown('du gave no size') : ok(Number(kib) * 1024)
    }),
  }
}

function sameDisk(x: StageInput, config: ArchiveConfig): readonly Observation[] {
  const all = x.facts.get(disks)
  if (!all.ok) return []
  const target = diskOf(all.value, config.to)?.source
  if (target === undefined || !config.paths.some((path) => diskOf(all.value, path)?.source === target)) return []
  return [
    {
      kind: 'finding',
      what: `The archive in ${config.to} lies on the same disk as the files it protects`,
      severity: 'warn',
      advice: 'It helps against a bad update, not against a lost disk: copy it to another machine too',
    },
  ]
}
