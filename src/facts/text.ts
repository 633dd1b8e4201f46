/** A number of decimal digits and nothing else; undefined for anything that is not one, or is too long to be exact. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** A decimal fraction such as `0.52`, as the kernel prints it. */
export function fraction(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined
}

/** Host text is hostile: no name or line is kept longer than `most` characters. */
export function cut(text: string, most = 256): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** Lines without the empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
