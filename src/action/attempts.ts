/** Where the job is told what it could not be told otherwise. */
export interface WarningSink {
  warning(message: string): void
}

/**
 * Tries each part by itself. A full disk of the runner takes neither the other parts nor the colour of the job: what could
 * not be kept is one warning.
 */
export async function attemptAll(
  parts: readonly (readonly [what: string, act: () => unknown])[],
  log: WarningSink,
): Promise<void> {
  for (const [what, act] of parts) {
    try {
      await act()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      log.warning(`${what} could not be kept: ${why}`)
    }
  }
}
