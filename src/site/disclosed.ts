import type { MaintenanceFile } from '../config/schema'
import { decideDisclosure } from '../report/disclose'

/** How much of a fleet a visitor may see (H11). Addresses, host text and check details are never among it. */
export interface Disclosed {
  /** Names of hosts that are not live. */
  readonly names: boolean
  readonly counts: boolean
  /** What a group is called on the page. */
  componentOf(group: string): string
}

/** Who the visitors are makes no difference to a page. */
export function disclosedOf(file: Pick<MaintenanceFile, 'announce' | 'name'>): Disclosed {
  const disclose = decideDisclosure(file.announce.disclose, 'unknown').page
  return {
    names: disclose === 'full',
    counts: disclose !== 'none',
    componentOf: (group) => shortText(disclose === 'none' ? file.name : group),
  }
}

/** The longest text that status.json keeps. */
export function shortText(text: string): string {
  return [...text].slice(0, 140).join('')
}
