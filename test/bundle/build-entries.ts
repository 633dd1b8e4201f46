import { build } from 'esbuild'
import { nodeGuard } from '../../scripts/node-guard'

/** Entries of src as single files in `folder`, as the runner gets them. Takes a second; dist takes a minute and may be of yesterday. */
export async function buildEntries(entries: Readonly<Record<string, string>>, folder: string): Promise<void> {
  await build({
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: `"use strict";\n${nodeGuard()}` },
    // Native parts are optional to ssh2, and dist has none either.
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
  })
}
