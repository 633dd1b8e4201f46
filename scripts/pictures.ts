import { mkdirSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

/** Pages of a demo, and the pictures that the README shows of them. */
const PICTURES = [
  { page: 'summary.html', file: 'docs/images/summary.png', height: 1320 },
  { page: 'site/index.html', file: 'docs/images/status-page.png', height: 900 },
] as const
const MOST_BYTES = 200_000

/** Takes the pictures from the report folder of `node dist/cli.js demo --report-dir FOLDER`. */
async function takePictures(folder: string): Promise<void> {
  mkdirSync('docs/images', { recursive: true })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  try {
    for (const { page, file, height } of PICTURES) {
      const tab = await browser.newPage({ viewport: { width: 880, height }, colorScheme: 'light' })
      await tab.goto(pathToFileURL(`${folder}/${page}`).href)
      await tab.screenshot({ path: file })
      const { size } = statSync(file)
      if (size > MOST_BYTES)
        throw new Error(`${file} has ${size} bytes: at most ${MOST_BYTES}, so that a clone stays small`)
      console.log(`${file}: ${size} bytes`)
    }
  } finally {
    await browser.close()
  }
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: tsx scripts/pictures.ts FOLDER')
void takePictures(folder)
