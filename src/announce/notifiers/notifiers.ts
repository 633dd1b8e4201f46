import type { AnnounceConfig, NotifierConfig } from '../../config/announce'
import type { Clock } from '../../engine/clock'
import { MaintenanceError } from '../../errors'
import type { Secret } from '../../plan/step'
import { decideDisclosure } from '../../report/disclose'
import type { Announcer, Told } from '../announcer'
import { type Delivered, type Delivery, deliver } from './deliver'
import type { HttpPost } from './https-post'
import type { Notice } from './notice'
import { Notifier } from './notifier'
import { slackDelivery } from './slack'
import { webhookDelivery, webhookKey } from './webhook'
import { english } from './words.en'
import { indonesian } from './words.id'

export interface NotifierContext {
  readonly config: Pick<AnnounceConfig, 'notify' | 'language' | 'disclose'>
  /** @throws MaintenanceError where the secret is not listed or empty */
  readonly secret: (secret: Secret) => string
  readonly post: HttpPost
  readonly clock: Clock
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
  readonly told: Told
}

/** One notifier for each entry of `announce.notify`. What is wrong with one is told when it has something to say. */
export function notifiersOf(context: NotifierContext): readonly Announcer[] {
  const { config, post, clock, told } = context
  const discloses = decideDisclosure(config.disclose, 'unknown').notices === 'full'
  return config.notify.map((entry, index) => {
    const who = `${'slack' in entry ? 'slack' : 'webhook'}${config.notify.length > 1 ? ` ${index + 1}` : ''}`
    const send = async (notice: Notice, signal: AbortSignal): Promise<Delivered> => {
      const made = deliveryOf(entry, notice, context)
      return typeof made === 'string' ? made : deliver(made, post, clock, signal)
    }
    return new Notifier({ who, discloses, send, told })
  })
}

/** The delivery, or why there can be none. */
function deliveryOf(entry: NotifierConfig, notice: Notice, context: NotifierContext): Delivery | string {
  try {
    if ('slack' in entry) {
      const words = context.config.language === 'id' ? indonesian : english
      return slackDelivery(notice, context.secret(entry.slack.webhook), words, context.hide)
    }
    const { url, secret } = entry.webhook
    const key = webhookKey(context.secret(secret))
    if (key === null) return `${secret.env} is no signing secret: expected whsec_ and 24 to 64 bytes in base64`
    return webhookDelivery(notice, typeof url === 'string' ? url : context.secret(url), key, () => context.clock.now())
  } catch (error) {
    if (error instanceof MaintenanceError) return error.message
    throw error
  }
}
