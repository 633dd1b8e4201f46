/** Aborted by Ctrl-C and its like: whatever is under way ends in order. */
export function cancelledBySignal(): AbortSignal {
  const cancel = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => cancel.abort(new Error(`cancelled by ${name}`)))
  return cancel.signal
}
