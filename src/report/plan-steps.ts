import type { PlannedHost } from '../plan/plan'

const OF_THE_FILE = /^(?:before|after)-\d+$/

/** Hooks, which a person wrote, each with its place: a reviewer should see them beside what Pitstop does by itself. */
export function commandsOfFile(host: PlannedHost): readonly string[] {
  return host.steps.filter((step) => OF_THE_FILE.test(step.id)).map(({ title, place }) => titled(title, place))
}

/** How users come back, when the gate is open. */
export function goliveOf(host: PlannedHost): readonly string[] {
  const steps = host.steps.filter((step) => step.stage === 'golive' && !OF_THE_FILE.test(step.id))
  return steps.map(({ title }) => title)
}

/** What was not looked at. */
export function notesOf(host: PlannedHost): readonly string[] {
  return [...(host.notAsRoot === null ? [] : [`not looked at as root: ${host.notAsRoot}`]), ...host.notes]
}

function titled(title: string, place: string): string {
  return place === 'host' ? title : `${title} (on ${place})`
}
