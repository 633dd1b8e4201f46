import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The site as a folder inside the report folder, which is ours alone: for Pages, for an artefact, for looking at. */
export class SiteFolder {
  readonly path: string
  #isFresh = false

  constructor(reportDir: string) {
    this.path = join(reportDir, 'site')
  }

  /** Replaces each file whole. What an earlier run left is taken away first, a link in its place too. */
  write(files: ReadonlyMap<string, string>): void {
    if (!this.#isFresh) rmSync(this.path, { recursive: true, force: true })
    mkdirSync(this.path, { recursive: true, mode: 0o755 })
    this.#isFresh = true
    for (const [name, text] of files) {
      const unfinished = join(this.path, `${name}.new`)
      writeFileSync(unfinished, text, { mode: 0o644 })
      renameSync(unfinished, join(this.path, name))
    }
  }
}
