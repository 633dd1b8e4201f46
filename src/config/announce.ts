import { z } from 'zod'
import { secretName } from './command'
import { later } from './values'

/** A value that is never written in the file: `${env:NAME}` alone. */
const secret = z
  .string()
  .regex(
    /^\$\{env:[^}]*\}$/,
    'expected "${env:NAME}" with NAME listed in the `secrets` input: no secret stands in the file',
  )
  .transform((text) => ({ env: secretName(text) ?? '' }))

/** A branch name that git and a URL both take as it is. */
const branch = z
  .string()
  .regex(
    /^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]{0,99}(?<![./])$/,
    'expected the name of a branch, such as gh-pages',
  )

const pages = z.strictObject({
  branch: branch.default('gh-pages').describe('The branch that the site is published to; made if it is missing.'),
})

const statusPage = z.union([
  z.strictObject({ pages }).describe('A static site on a branch of this repository.'),
  ...['statuspage', 'instatus', 'cachet', 'betterstack', 'cstate', 'upptime', 'uptime_kuma', 'kener'].map((kind) =>
    z.strictObject({ [kind]: later(kind) }),
  ),
])

const webhook = z.strictObject({
  url: z
    .string()
    .max(2_000)
    .refine(
      (text) => secretName(text) !== null || isHttps(text),
      'expected an https:// address without user name and password, or "${env:NAME}"',
    )
    .transform((text) => {
      const env = secretName(text)
      return env === null ? text : { env }
    }),
  secret: secret.describe('The signing secret `whsec_…` of Standard Webhooks, as "${env:NAME}".'),
})

const slack = z.strictObject({ webhook: secret.describe('Address of an incoming webhook, as "${env:NAME}".') })

const notifier = z.union([
  z.strictObject({ webhook }).describe('A signed POST (Standard Webhooks).'),
  z.strictObject({ slack }).describe('A message in a Slack channel.'),
  ...['teams', 'discord', 'email', 'telegram', 'ntfy', 'pagerduty'].map((kind) =>
    z.strictObject({ [kind]: later(kind) }),
  ),
])

function isHttps(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return url?.protocol === 'https:' && url.username === '' && url.password === ''
}

/** Who is told about a maintenance, where and how much. */
export const announce = z.strictObject({
  language: z.enum(['en', 'id']).default('en').describe('Language of the status page and of notices.'),
  disclose: z
    .enum(['auto', 'full', 'counts', 'none'])
    .default('auto')
    .describe('How much is shown to others; auto: counts where the repository is public, and on every status page.'),
  status_page: z.array(statusPage).default([]),
  notify: z.array(notifier).default([]),
  advance: z.array(later('advance')).optional(),
  require: z.literal('none', { error: 'require other than none is not available in this version' }).optional(),
  silence: z.array(later('silence')).optional(),
})

/** What is left once kinds of later versions were refused. */
export function announceConfig(read: z.output<typeof announce>): AnnounceConfig {
  return {
    language: read.language,
    disclose: read.disclose,
    status_page: read.status_page.flatMap((page) => ('pages' in page && page.pages ? [{ pages: page.pages }] : [])),
    notify: read.notify.flatMap((entry): NotifierConfig[] => {
      if ('webhook' in entry && entry.webhook) return [{ webhook: entry.webhook }]
      return 'slack' in entry && entry.slack ? [{ slack: entry.slack }] : []
    }),
  }
}

export type AnnounceConfig = Pick<z.output<typeof announce>, 'language' | 'disclose'> & {
  readonly status_page: readonly { readonly pages: { readonly branch: string } }[]
  readonly notify: readonly NotifierConfig[]
}

export type NotifierConfig = { readonly webhook: WebhookConfig } | { readonly slack: SlackConfig }

/** Where `url` is a `Secret` its value is an https address too, and is checked when it is read. */
export type WebhookConfig = z.output<typeof webhook>
export type SlackConfig = z.output<typeof slack>
