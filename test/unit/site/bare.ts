import { SCRIPT } from '../../../src/site/script'
import { STYLE } from '../../../src/site/style'

/** A page without style and script: those are looked at in a browser. */
export function bare(page: string): string {
  return page
    .replace(STYLE, '…')
    .replace(SCRIPT, '…')
    .replace(/sha256-[\w+/=]+/g, 'sha256-…')
}
