import type { LabHost } from '../lab/lab-host'

/** A moment between two events, which only the host itself shows. */
export interface Moment {
  /** As an event's, for those who choose and count. */
  readonly name: string
  /** The event that it comes after. */
  readonly behind: string
  /** True on the host while it lasts. */
  readonly isNow: string
}

const UPGRADE = 'step.begun update/packages.upgrade'

/** dpkg half-way: while it replaces files, and while the script of a package is at work (demo-slow takes a second). */
export const MOMENTS: readonly Moment[] = [
  {
    name: `${UPGRADE}: dpkg unpacks`,
    behind: UPGRADE,
    // What dpkg has noted since it last wrote its whole status.
    isNow: "grep -qsE '^Status: .* (half-installed|unpacked)$' /var/lib/dpkg/updates/[0-9]*",
  },
  { name: `${UPGRADE}: dpkg configures`, behind: UPGRADE, isNow: '[ -e /var/lib/demo-slow/begun ]' },
]

export function momentNamed(point: string): Moment | undefined {
  return MOMENTS.find((moment) => moment.name === point)
}

/** Points of a run with the moments that come after them. */
export function withMoments(points: readonly string[]): readonly string[] {
  return points.flatMap((point) => [
    point,
    ...MOMENTS.filter((moment) => moment.behind === point).map((moment) => moment.name),
  ])
}

const WAIT_S = 30

/** Asked on the host without a pause, as it may last for milliseconds. false: it did not come. */
export async function whenMoment(host: LabHost, { isNow }: Moment): Promise<boolean> {
  const wait = `until ${isNow}; do read -r up _ </proc/uptime; : "\${end:=$((\${up%%.*} + ${WAIT_S}))}"; [ "\${up%%.*}" -lt "$end" ] || exit 1; done`
  return (await host.exec(wait, { timeoutMs: (WAIT_S + 15) * 1_000 }).catch(() => null))?.exitCode === 0
}
