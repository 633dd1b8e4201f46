import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleInto } from './bundle'

/** dist is what users run: it must be, byte for byte, what the sources make. */
function differences(built: string, committed: string): string[] {
  const names = new Set([built, committed].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])))
  return [...names].sort().filter((name) => {
    const [one, other] = [join(built, name), join(committed, name)]
    return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other))
  })
}

const scratch = mkdtempSync(join(tmpdir(), 'check-dist-'))
try {
  bundleInto(join(scratch, 'dist'))
  const differing = differences(join(scratch, 'dist'), 'dist')
  if (differing.length > 0) {
    console.error(`dist is not what the sources make: ${differing.join(', ')}. Run "npm run build" and commit dist.`)
    process.exitCode = 1
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
