import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siteFiles } from '../../../src/site/files'
import { fileOf, SCENES } from '../../unit/site/scenes'

const CHROMIUM = '/usr/bin/chromium'
const isMissing = !existsSync(CHROMIUM)
if (isMissing && process.env.CI === undefined)
  console.log('pages are not tried in a browser: there is no chromium (apt-get install chromium)')

const THEMES = ['light', 'dark'] as const
/** Every width of the first page, and the other page and language where there is least room. */
const VIEWS = [
  [360, 'en', 'index.html'],
  [768, 'en', 'index.html'],
  [1280, 'en', 'index.html'],
  [360, 'id', 'index.html'],
  [360, 'en', 'history.html'],
] as const
/** Each state and each verdict is in one of them. */
const LOOKED_AT = ['first', 'draining', 'verifying', 'one-held', 'rolled-back']
/** Names as long as a file allows, and markup in them. */
const HOSTILE = { ...fileOf('announce: { disclose: full }\n'), name: `<img src=x onerror=alert(1)> ${'x'.repeat(90)}` }

describe.skipIf(isMissing && process.env.CI === undefined)('the status site in a browser', () => {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-browser-'))
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(root, { recursive: true })
  })

  function built(scene: string, language: 'en' | 'id' = 'en', file = fileOf('announce: { disclose: full }\n')): string {
    const state = SCENES[scene]?.(file)
    if (state === undefined) throw new Error(`there is no scene ${scene}`)
    const folder = join(root, `${scene}-${language}-${file.name.length}`)
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of siteFiles(state, language)) writeFileSync(join(folder, name), text)
    return folder
  }

  async function open(context: BrowserContext, folder: string, page = 'index.html') {
    const tab = await context.newPage()
    const complaints: string[] = []
    tab.on('console', (message) => complaints.push(message.text()))
    tab.on('pageerror', (error) => complaints.push(error.message))
    await tab.goto(pathToFileURL(join(folder, page)).href)
    return { tab, complaints }
  }

  const looks = LOOKED_AT.flatMap((scene) => THEMES.map((theme) => [scene, theme] as const))

  test.each(looks)(
    'axe finds nothing in %s, %s, at any width, in both languages, on each page, and nothing has to be scrolled sideways',
    { timeout: 180_000 },
    async (scene, colorScheme) => {
      for (const [width, language, page] of VIEWS) {
        const context = await browser.newContext({
          viewport: { width, height: 800 },
          colorScheme,
          reducedMotion: 'reduce',
        })
        const { tab, complaints } = await open(context, built(scene, language), page)
        const { violations } = await new AxeBuilder({ page: tab })
          // Without frames it needs no second page, and takes half the time.
          .setLegacyMode()
          .analyze()
        expect(violations.map(({ id, nodes }) => `${page} ${width} ${language} ${id}: ${nodes[0]?.html}`)).toEqual([])
        expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
        expect(complaints).toEqual([])
        await context.close()
      }
    },
  )

  test('times are in the zone of the visitor, and say so', async () => {
    const context = await browser.newContext({ timezoneId: 'Asia/Jakarta', locale: 'en-GB' })
    const { tab } = await open(context, built('all-live'))
    const text = await tab.innerText('body')
    expect(text).toContain('All times are in your time zone, Asia/Jakarta.')
    expect(text).toMatch(/29 Nov 2026, 09:00 – 12:00/)
    expect(text).not.toContain('UTC')
    await context.close()
  })

  test('without script everything is there, in UTC', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, timezoneId: 'Asia/Jakarta' })
    const { tab } = await open(context, built('verifying'))
    const text = await tab.innerText('body')
    expect(text).toMatch(/29 Nov 2026, 02:00 – 05:00 UTC/)
    expect(text).toMatch(/Stage 6 of 7: Verify/)
    expect(text).toContain('All times are in UTC.')
    await context.close()
  })

  test('a page that a dead runner left in maintenance says since when nothing was heard, by the clock of the visitor', async () => {
    const seenAt = SCENES.draining?.(fileOf()).maintenances[0]?.active[0]?.seenAt ?? ''
    const context = await browser.newContext({ timezoneId: 'Asia/Jakarta', locale: 'en-GB' })
    const after = async (minutes: number) => {
      await context.clock.setFixedTime(Date.parse(seenAt) + minutes * 60_000)
      const { tab, complaints } = await open(context, built('draining'))
      expect(complaints).toEqual([])
      return tab.innerText('main')
    }
    const silent = /Maintenance: no word since 09:10\n/
    expect(await after(9)).not.toMatch(/no word since/i)
    expect(await after(11)).toMatch(silent)
    expect(await after(11)).toMatch(/\nNo word since 09:10\.\n/)
    expect(await after(3 * 1_440)).toMatch(/Maintenance: no word since 22 Nov 2026, 09:10/)
    await context.close()
    const plain = await browser.newContext({ javaScriptEnabled: false })
    expect(await (await open(plain, built('draining'))).tab.innerText('main')).toMatch(
      /Last word 22 Nov 2026, 02:10 UTC/,
    )
    await plain.close()
  })

  test('H42: markup in a name is text, no script but ours runs, and nothing is loaded from anywhere', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 800 } })
    const { tab, complaints } = await open(context, built('verifying', 'en', HOSTILE))
    const asked: string[] = []
    tab.on('request', (request) => asked.push(request.url()))
    await tab.reload()
    expect(await tab.locator('img').count()).toBe(0)
    expect(await tab.innerText('h3')).toContain('<img src=x onerror=alert(1)>')
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    await tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=document.title=1>')")
    await tab.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { text: 'document.title = 2' }))",
    )
    expect(await tab.title()).toContain('onerror=alert(1)')
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(complaints.every((one) => /Content Security Policy/.test(one))).toBe(true)
    expect(complaints.length).toBeGreaterThan(0)
    await context.close()
  })
})
