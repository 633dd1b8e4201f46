import { describe, expect, it } from 'vitest'
import { apt } from '../../../src/packages/apt'
import type { ChosenUpgrade, Transaction } from '../../../src/packages/package-manager'
import { upgrade } from './upgrade'

const OPTIONS =
  '-y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o APT::Sandbox::User=root'
const OPEN = { removals: 'refuse', folder: null, configFiles: 'keep' } as const
const transaction = (upgrades: readonly ChosenUpgrade[], automatic: readonly string[] = []): Transaction => ({
  upgrades,
  removals: [],
  automatic,
})

describe('the commands of apt', () => {
  it('asks nothing, opens no pager and restarts nothing', () => {
    expect(apt.env).toEqual({
      DEBIAN_FRONTEND: 'noninteractive',
      NEEDRESTART_MODE: 'l',
      UCF_FORCE_CONFFOLD: '1',
      APT_LISTCHANGES_FRONTEND: 'none',
      APT_LISTBUGS_FRONTEND: 'none',
      LC_ALL: 'C',
    })
  })

  it('takes a mirror that fails for a failure', () => {
    expect(apt.refresh(600_000).text).toContain(`apt-get ${OPTIONS} -o APT::Update::Error-Mode=any update`)
  })

  it('H25: downloads exact versions into the folder of the run', () => {
    const options = `${OPTIONS} -o Dir::Cache::archives=/r/packages/ -o APT::Keep-Downloaded-Packages=true`
    const [download, ...copy] = apt.download(['curl=1.0', 'jq=2:1'], '/r/packages', 600_000).text.split('\n')
    expect(download).toBe(
      `mkdir -p -- /r/packages/partial && apt-get ${options} --download-only install curl=1.0 jq=2:1 || exit`,
    )
    expect(copy[0]).toBe(`uris=$(apt-get -qq ${options} --print-uris install curl=1.0 jq=2:1) || exit`)
    expect(copy.at(-1)).toBe(
      `[ -z "$local" ] || { cd -- /r/packages && printf '%s\\n' "$local" | xargs apt-get -q -o APT::Sandbox::User=root download; }`,
    )
  })

  it('H25: updates from that folder without fetching, without removing, and puts the marks back', () => {
    const upgrades = [upgrade('curl', '1.0', '2.0'), upgrade('libcurl4', '1.0', '2.0'), upgrade('new-lib', null, '1')]
    expect(apt.upgrade(transaction(upgrades, ['libcurl4']), { ...OPEN, folder: '/r/packages' }, 600_000).text).toBe(
      `apt-get ${OPTIONS} -o Dir::Cache::archives=/r/packages/ -o APT::Keep-Downloaded-Packages=true --no-download --no-remove install curl=2.0 libcurl4=2.0 new-lib=1; rc=$?
apt-mark auto libcurl4 new-lib >/dev/null || echo 'Some packages are now marked as installed by hand.' >&2
exit $rc`,
    )
  })

  it('fetches during the update only where nothing was downloaded before', () => {
    const text = apt.upgrade(
      transaction([upgrade('curl', '1', '2')]),
      { removals: 'allow', folder: null, configFiles: 'keep' },
      1_000,
    ).text
    expect(text).not.toContain('--no-download')
    expect(text).not.toContain('--no-remove')
    expect(text).toContain('-o DPkg::Lock::Timeout=1 ')
  })

  it('goes back offline, from kept files only', () => {
    expect(apt.rollback('/r/installed', ['curl_1.0_amd64.deb'], [], 600_000).text).toBe(
      `mkdir -p -- /r/installed/partial && apt-get ${OPTIONS} -o Dir::Cache::archives=/r/installed/ -o APT::Keep-Downloaded-Packages=true --no-download --no-remove --allow-downgrades install /r/installed/curl_1.0_amd64.deb; rc=$?
exit $rc`,
    )
  })

  it.each(['keep', 'hold'] as const)(
    'config_files: %s keeps what was changed, in the update and in a repair',
    (configFiles) => {
      const text = apt.upgrade(transaction([upgrade('curl', '1', '2')]), { ...OPEN, configFiles }, 600_000).text
      expect(text).toMatch(new RegExp(`^apt-get ${OPTIONS} `))
      expect(apt.repair(configFiles).text).toBe('dpkg --force-confdef --force-confold --configure -a')
    },
  )

  it('config_files: replace takes the new ones, of dpkg and of ucf, in the update and in a repair', () => {
    const text = apt.upgrade(
      transaction([upgrade('curl', '1', '2')]),
      { ...OPEN, configFiles: 'replace' },
      600_000,
    ).text
    expect(text).toMatch(/^UCF_FORCE_CONFFOLD= UCF_FORCE_CONFFNEW=1 apt-get .* -o Dpkg::Options::=--force-confnew /)
    expect(text).not.toMatch(/confdef|confold/)
    expect(apt.repair('replace').text).toBe(
      'UCF_FORCE_CONFFOLD= UCF_FORCE_CONFFNEW=1 dpkg --force-confnew --configure -a',
    )
  })

  it('config_files: replace touches the update alone: a rollback keeps what stands there', () => {
    expect(apt.rollback('/r/installed', ['a_1_all.deb'], [], 600_000).text).toContain('--force-confold')
  })

  it('quotes names that a source made up', () => {
    expect(apt.download(['a;reboot=1'], '/r', 1_000).text).toContain("install 'a;reboot=1'")
  })

  it('reads without a lock and without writing a cache file', () => {
    for (const reading of [apt.upgradable, apt.consistency, apt.transaction(['curl=1'])])
      expect(reading.sh.text).toContain('-o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=')
  })
})
