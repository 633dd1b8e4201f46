import type { ChosenUpgrade } from '../../../src/packages/package-manager'

/** A chosen upgrade of 1 MB to download and 3 MB installed, as large before as after. */
export function upgrade(
  name: string,
  from: string | null,
  to: string,
  more: Partial<ChosenUpgrade> = {},
): ChosenUpgrade {
  return {
    name,
    from,
    to,
    architecture: 'amd64',
    origins: [],
    security: false,
    securityVersion: null,
    downloadBytes: 1_000_000,
    installedBytes: 3_000_000,
    installedBytesBefore: from === null ? 0 : 3_000_000,
    canFetchInstalled: true,
    installedDownloadBytes: 1_000_000,
    ...more,
  }
}
