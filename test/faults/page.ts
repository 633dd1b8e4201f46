import { PROMISES } from './broken'
import { FAULTS } from './faults'
import { brokenStill, foundAndMended, lastOfEach } from './page-results'
import { eventTable, faultTable, LETTERS } from './page-tables'
import type { Result } from './result'

/** docs/reliability.md, from nothing but results. */
export function pageOf(results: readonly Result[], order: readonly string[]): string {
  const strikes = results.filter((result) => !result.isMissed)
  return `${[
    '# Reliability',
    intro(strikes),
    '## What is struck',
    SCENE,
    '## What is looked at',
    judged(),
    '## What came of it',
    counts(results),
    faultTable(lastOfEach(strikes)),
    '## Event by event',
    LEGEND,
    eventTable(lastOfEach(strikes), order),
    '## Promises that were broken',
    findings(strikes),
    '## What this does not show',
    LIMITS,
  ].join('\n\n')}\n`
}

function intro(strikes: readonly Result[]): string {
  const days = unique(strikes.map((r) => r.at.slice(0, 10)))
  const [seeds, versions] = [unique(strikes.map((r) => String(r.seed))), unique(strikes.map((r) => r.version))]
  return `This page is written by \`npm run faults\`, from what it saw: **${strikes.length} strikes** on real hosts, ${days.join(' and ')}.
Seeds ${seeds.join(', ')}; versions (commit/digest of the bundle) ${versions.map((v) => `\`${v}\``).join(', ')}.
\`npm run faults -- --seed 7 --count 30\` does more of them; thirty are part of every \`npm test\`.`
}

const SCENE = `Two Debian hosts with systemd that really boot, and a balancer. The bundle maintains them: all seven stages, a hook in each,
an application, an upgrade whose service changes its version, a reboot. The journal of the run is read along, and at one event
of the first host the fault strikes; in the upgrade also while dpkg unpacks, and while it configures. Then what a person would repair is repaired (power, cable, disk), and a second run comes:
\`recover\`, or the next \`run\` as cron starts it. Users ask all the time.

Users are kept out in three ways: by haproxy on another machine (its undo lies there), by a packet filter on the host itself (the
dead man's timer can undo it), or by stopped services alone. Some updates bring a service that runs and is not healthy.

A killed run leaves its lease, which lasts ten minutes by the uptime of the host. Nobody waits for them here: before the second
run ten minutes are taken off the time of the last renewal in the lease file, and nothing else of it is changed. A program that
still works on the host is met by the second run as it is.`

function judged(): string {
  return `Never Pitstop's word: users and their answers, haproxy, nft and systemd, \`dpkg --audit\`, and lines which the commands of the
maintenance file wrote by themselves on the host, with the uptime that all of them share.

${Object.values(PROMISES)
  .map((promise, i) => `${i + 1}. ${promise}`)
  .join('\n')}

A service is unverified from the first change of its host until its checks have passed twice on it. Where only services are
stopped, verify starts them in view of users; there the span ends when verify begins. Where the fault itself interrupts dpkg, by
a power cut or a disk that fills up under it, packages may stay half configured if the host is **held** for it: to go on alone
would be to guess what a maintainer script had done. A host that is **held** is out of service; only where the fault came after an open
gate may the first run hold a host that serves, verified, because that could not be written down there any more.`
}

function counts(results: readonly Result[]): string {
  const strikes = results.filter((r) => !r.isMissed)
  const missed = results.length - strikes.length
  const half = strikes.filter((r) => r.isHalfConfigured).length
  const leased = strikes.filter((r) => r.leased.length > 0).length
  const still = brokenStill(strikes).length
  return `${strikes.length} strikes: ${still === 0 ? 'no promise is broken' : `**${still} break a promise still**`}. ${leased} times a
lease was left and its ten minutes were taken off; ${half} times dpkg was interrupted and the host held for it. ${missed} further tries
never came to strike, as the run was over before, and count nowhere. The tables show the last strike of each fault at each event in each variant.`
}

const LEGEND = `How the host ended after the second run: ${Object.entries(LETTERS)
  .map(([verdict, letter]) => `\`${letter}\` ${verdict}`)
  .join(
    ', ',
  )}; \`✗\` a broken promise. \`U\` after a run that had finished the host means that there was nothing left to settle.
Columns: ${FAULTS.map((fault, i) => `${i + 1} ${fault.name}`).join(', ')}.`

function findings(strikes: readonly Result[]): string {
  const still = brokenStill(strikes).map((r) => `- **open**: ${described(r)}`)
  const mended = foundAndMended(strikes).map((r) => `- mended: ${described(r)}`)
  return [...still, ...mended].join('\n') || 'None.'
}

function described(result: Result): string {
  const sentences = result.broken.map(({ promise, sentence }) => `${promise}: ${plainText(sentence)}`).join('; ')
  return `${result.fault} at \`${result.point}\` (${result.variant}, \`${result.version}\`): ${sentences}`
}

/** Sentences quote what hosts print. */
function plainText(text: string): string {
  return text.replaceAll(/[`|<>*_[\]\\]/g, ' ').slice(0, 400)
}

const LIMITS = `Hosts are containers with systemd as process 1: they share a kernel, so that its clock cannot be set (\`date\` on the host lies
instead), a power cut loses no page cache, and a boot takes a second. Each fault strikes at one moment just behind an event, or at one of two
inside the upgrade, not at every instruction between two. Faults come alone or with the death of the runner, not in longer chains.`

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)].sort()
}
