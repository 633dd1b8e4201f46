import { NOT_BELOW, NOT_THEMSELVES } from '../clean/paths'

/** What a reboot empties: the state of a host must outlive it. */
const FORGETFUL = ['/run', '/var/run', '/var/lock']

/**
 * Why Pitstop does not keep its state in a folder of a host, or null. Judged like the paths that are cleaned, after
 * placeholders and the home of the login were filled in: what is kept there is written and removed as root.
 */
export function whyNoStateDir(path: string): string | null {
  if (!/^\/[A-Za-z0-9._/-]*$/.test(path)) return 'expected an absolute path of A-Z a-z 0-9 . _ / -'
  const parts = path.split('/').slice(1)
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return `${path} is not a plain absolute path`
  if (parts.length < 2) return `${path} has fewer than two components`
  if (NOT_THEMSELVES.includes(path) || /^\/home\/[^/]+$/.test(path)) return `${path} as a whole belongs to others`
  const guard = [...NOT_BELOW, ...FORGETFUL].find((top) => path === top || path.startsWith(`${top}/`))
  if (guard !== undefined) return `nothing of Pitstop's is kept below ${guard}`
  return /^\/lib[^/]*\//.test(path) ? "nothing of Pitstop's is kept below /lib*" : null
}
