import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRefusedAddress, isRefusedHost } from '../../../src/network/refused-address'

/** `169.254.169.254` is `a9fe:a9fe` inside an IPv6 address. */
const REFUSED: readonly (readonly [what: string, addresses: readonly string[]])[] = [
  ['link-local IPv4', ['169.254.169.254', '169.254.0.1', '169.254.170.2', '169.254.42.42', '169.254.255.255']],
  ['link-local IPv6', ['fe80::1', 'fe80::1%eth0', 'febf::1', 'fe80::a9fe:a9fe']],
  ['the metadata of AWS over IPv6', ['fd00:ec2::254', 'fd00:0ec2:0:0::0254', 'fd00:ec2::23', 'fd00:ec2::253']],
  ['the metadata of Google, Oracle and Scaleway over IPv6', ['fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42']],
  ['the metadata of Alibaba, Oracle, Azure', ['100.100.100.200', '192.0.0.192', '168.63.129.16']],
  ['IPv4 mapped', ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:6464:64c8', '::ffff:168.63.129.16']],
  ['IPv4 compatible', ['::169.254.169.254', '::a9fe:a9fe']],
  ['IPv4 translated', ['::ffff:0:169.254.169.254', '::ffff:0:6464:64c8']],
  ['NAT64', ['64:ff9b::a9fe:a9fe', '64:ff9b::169.254.169.254', '64:ff9b::6464:64c8', '64:ff9b::a83f:8110']],
  ['NAT64 of one’s own, /96', ['64:ff9b:1::a9fe:a9fe', '64:ff9b:1:abcd:1:2:a9fe:a9fe']],
  ['NAT64 of one’s own, /48', ['64:ff9b:1:a9fe:a9:fe00::', '64:ff9b:1:6464:64:c800::']],
  ['NAT64 of one’s own, /56', ['64:ff9b:1:00a9:fe:a9fe::']],
  ['NAT64 of one’s own, /64', ['64:ff9b:1:1:a9:fea9:fe00:0']],
  ['6to4', ['2002:a9fe:a9fe::1', '2002:6464:64c8::', '2002:a83f:8110:1::1']],
  ['Teredo, server and client', ['2001:0:a9fe:a9fe::1', '2001:0:c000:201:0:0:5601:5601']],
  ['ISATAP', ['2001:db8::5efe:a9fe:a9fe', '2001:db8::200:5efe:169.254.169.254']],
]

test.each(REFUSED.flatMap(([what, addresses]) => addresses.map((address) => [what, address] as const)))(
  'H18: %s is refused: %s',
  (_, address) => {
    expect(isRefusedAddress(address)).toBe(true)
    expect(isRefusedHost(address)).toBe(true)
  },
)

test.each([
  ...['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '192.0.2.1', '169.253.255.255', '170.0.0.1'],
  ...['::1', 'fec0::1', 'fd12:3456::1', 'fd00::1', 'fc00::1', '2001:db8::1', '2606:4700::1111'],
  ...['::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::1', '2001:db8::5efe:a00:1'],
])('a private or public address stays usable for hosts of the fleet: %s', (address) => {
  expect(isRefusedAddress(address)).toBe(false)
  expect(isRefusedHost(address)).toBe(false)
})

test.each([
  ['decimal', ['2852039166', '1684301000', '2822734096']],
  ['hex', ['0xA9FEA9FE', '0xa9.0xfe.0xa9.0xfe', '0xa9.0xfe.43518']],
  ['octal', ['0251.0376.0251.0376', '025177524776']],
  ['short', ['169.254.43518', '169.16689662']],
  ['with a dot at the end', ['169.254.169.254.', '2852039166.']],
  ['in brackets', ['[::ffff:169.254.169.254]', '[fe80::1]', '[fd00:ec2::254]']],
  ['in full width digits', ['１６９.２５４.１６９.２５４']],
  [
    'by name',
    [
      ...['metadata.google.internal', 'METADATA.Google.Internal.', 'metadata', 'metadata.goog', 'x.metadata.goog'],
      ...['instance-data', 'instance-data.ec2.internal', 'instance-data.eu-west-1.compute.internal'],
      ...['metadata.azure.internal', 'metadata.tencentyun.com', 'metadata.packet.net', 'api.metadata.cloud.ibm.com'],
    ],
  ],
])('H18: a metadata address is refused however it is written: %s', (_, hosts) => {
  for (const host of hosts) expect([host, isRefusedHost(host)]).toEqual([host, true])
})

test.each(['example.com', 'metadata.example.com', 'app.internal', 'web-1', 'a b', '', '[', '%', '999.1.1.1'])(
  'a name is judged by what it resolves to: "%s"',
  (host) => {
    expect(isRefusedHost(host)).toBe(false)
    expect(isRefusedAddress(host)).toBe(false)
  },
)

test('H18: every address of the link-local network is refused in every form that leads to it', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(octet, octet, (c, d) => {
      const low = ((c << 8) | d).toString(16)
      const number = ((169 << 24) >>> 0) + (254 << 16) + (c << 8) + d
      const forms = [
        `169.254.${c}.${d}`,
        `::ffff:a9fe:${low}`,
        `64:ff9b::a9fe:${low}`,
        `64:ff9b:1::a9fe:${low}`,
        `2002:a9fe:${low}::1`,
        String(number),
        `0x${number.toString(16)}`,
        `0${number.toString(8)}`,
      ]
      return forms.every(isRefusedHost)
    }),
  )
})
