/**
 * Every IPv4 address that an IPv6 address may lead to: mapped, compatible and translated (RFC 4291, 2765), NAT64 (RFC 6052,
 * 8215), 6to4, Teredo, ISATAP. Pure. @param address a valid IPv6 address without a zone
 */
export function embeddedIpv4(address: string): readonly string[] {
  const bytes = bytesOf(address)
  const at = (...places: readonly number[]) => places.map((place) => bytes[place] ?? 0).join('.')
  const begins = (...start: readonly number[]) => start.every((byte, place) => bytes[place] === byte)
  const last = at(12, 13, 14, 15)
  const found: string[] = []
  const zeros = [0, 0, 0, 0, 0, 0, 0, 0]
  if (begins(...zeros, 0, 0, 0, 0) || begins(...zeros, 0, 0, 255, 255) || begins(...zeros, 255, 255, 0, 0))
    found.push(last)
  if (begins(0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) found.push(last)
  // The prefix for networks of one's own: the address lies where the length of the prefix that was chosen puts it.
  if (begins(0x00, 0x64, 0xff, 0x9b, 0x00, 0x01)) found.push(last, at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12))
  if (begins(0x20, 0x02)) found.push(at(2, 3, 4, 5))
  if (begins(0x20, 0x01, 0, 0))
    found.push(
      at(4, 5, 6, 7),
      bytes
        .slice(12)
        .map((byte) => byte ^ 255)
        .join('.'),
    )
  if (bytes[10] === 0x5e && bytes[11] === 0xfe) found.push(last)
  return found
}

function bytesOf(address: string): readonly number[] {
  // The parser of URLs turns a dotted end into groups.
  const [head = '', tail = ''] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
  return all.flatMap((group) => [group >> 8, group & 255])
}
