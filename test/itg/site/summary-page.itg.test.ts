import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordOf } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import { summaryPage } from '../../../src/report/summary-page'
import { RECORDED, recorded, thousandHosts } from '../../unit/report/recorded'

const CHROMIUM = '/usr/bin/chromium'
const isMissing = !existsSync(CHROMIUM) && process.env.CI === undefined
const PAGES: readonly (readonly [string, () => string])[] = [
  ...RECORDED.map((name) => [name, () => summaryOf(recordOf(recorded(name)))] as const),
  ['1,000 hosts', () => summaryOf(recordOf(thousandHosts().events))],
]

describe.skipIf(isMissing)('the summary as a page in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => browser?.close())

  test.each(PAGES)(
    'axe finds nothing in the summary of %s, on a phone and a desk, in both themes',
    async (_, summary) => {
      const page = summaryPage(summary(), 'Summary')
      for (const [width, colorScheme] of [
        [360, 'light'],
        [360, 'dark'],
        [1280, 'light'],
        [1280, 'dark'],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
        const tab = await context.newPage()
        await tab.setContent(page)
        await tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        const { violations } = await new AxeBuilder({ page: tab }).setLegacyMode().analyze()
        expect(violations.map(({ id, nodes }) => `${width} ${colorScheme} ${id}: ${nodes[0]?.html}`)).toEqual([])
        // Only the table may be scrolled sideways, inside its own frame.
        expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
        await context.close()
      }
    },
    120_000,
  )
})
