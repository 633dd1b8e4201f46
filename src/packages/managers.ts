import { apt } from './apt'
import type { PackageManager } from './package-manager'

/** Asked in this order: the first that is present rules the host. */
export const MANAGERS: readonly PackageManager[] = [apt]
