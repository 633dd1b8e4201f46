/**
 * A round in which nothing fails has looked at a part: what may come and go, or everything. So it is told how many it were.
 * @param of as many checks were looked at; old journals do not say
 */
export const lookedAt = (of: number | undefined): string =>
  of === undefined ? 'nothing that was looked at fails' : `none of the ${of} looked at fails`
