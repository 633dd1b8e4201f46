/** `2 findings stand as before, the first since 2026-11-02`. @param since times of their first telling; at least one */
export function standingSentence(since: readonly string[]): string {
  const first = [...since].sort()[0]?.slice(0, 10) ?? ''
  return since.length === 1
    ? `1 finding stands as before, since ${first}; report.json has it`
    : `${since.length} findings stand as before, the first since ${first}; report.json has them`
}
