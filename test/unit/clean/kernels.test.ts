import { describe, expect, it } from 'vitest'
import { cleanFrees, packageCacheBytes } from '../../../src/clean/cleanable'
import { bootBytesOf, installedKernels, obsoleteKernels } from '../../../src/clean/kernels'
import debian from '../../cases/kernels/debian.json'
import ubuntu from '../../cases/kernels/ubuntu.json'
import { factsOf, stageInput } from '../../fixtures/stage-input'

function kernelsOf(out: string) {
  const read = installedKernels.parse(out, 0)
  if (!read.ok) throw new Error(read.why)
  return read.value
}

describe.each([
  ['Debian', debian],
  ['Ubuntu', ubuntu],
])('old kernels of %s', (_, cases) => {
  it.each(cases)('$title', ({ out, releases, packages, bootBytes }) => {
    const kernels = kernelsOf(out)
    const obsolete = obsoleteKernels(kernels)
    expect(obsolete).toMatchObject({ releases, packages })
    expect(bootBytesOf(kernels, obsolete.releases)).toBe(bootBytes)
  })
})

it('never names the running kernel, in whatever order of age it stands', () => {
  const releases = ['6.1.0-9-amd64', '6.1.0-10-amd64', '6.1.0-18-amd64', '6.1.0-27-amd64']
  for (const running of releases) {
    const rows = releases.map((release) => `linux-image-${release} install installed\n`).join('')
    const { packages, kept } = obsoleteKernels(kernelsOf(`running ${running}\n${rows}`))
    expect(packages).not.toContain(`linux-image-${running}`)
    expect(kept).toEqual(expect.arrayContaining([running, '6.1.0-18-amd64', '6.1.0-27-amd64']))
  }
})

it('is unknown where dpkg-query prints something else', () => {
  expect(installedKernels.parse('running 6.1.0-9-amd64\nsomething else\n', 0).ok).toBe(false)
  expect(installedKernels.parse('', 0).ok).toBe(false)
  expect(installedKernels.parse('running 6.1.0-9-amd64\n', 127).ok).toBe(false)
})

it('H26: promises only what is sure to become free', () => {
  const kernels = kernelsOf(debian[0]?.out ?? '')
  const facts = factsOf([installedKernels, kernels], [packageCacheBytes, 5_000])
  const free = (clean: object) => cleanFrees({ ...stageInput({ clean }), facts })
  expect(free({})).toEqual([
    { path: '/var/cache/apt/archives', bytes: 5_000 },
    { path: '/boot', bytes: 68_250_000 },
  ])
  expect(free({ kernels: false, package_cache: false })).toEqual([])
  expect(cleanFrees(stageInput())).toEqual([])
})
