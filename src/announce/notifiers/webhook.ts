import { createHmac } from 'node:crypto'
import { withoutControls } from '../../show/for-log'
import type { Delivery } from './deliver'
import type { Notice } from './notice'

/** @returns the key of `whsec_<base64>`, 24 to 64 bytes; null: the secret is none. */
export function webhookKey(secret: string): Buffer | null {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  const key = text === undefined ? null : Buffer.from(text, 'base64')
  return key !== null && key.length >= 24 && key.length <= 64 ? key : null
}

/** `v1,<base64>` over id, time and the exact bytes of the body (Standard Webhooks). */
export function signature(key: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** A notice as a signed POST (Standard Webhooks). The id is the same on every try. */
export function webhookDelivery(notice: Notice, url: string, key: Buffer, now: () => Date): Delivery {
  const body = webhookBody(notice)
  return {
    isIdempotent: true,
    isDelivered: ({ status }) => status >= 200 && status < 300,
    request: () => {
      const timestamp = Math.floor(now().getTime() / 1_000)
      const headers = {
        'content-type': 'application/json',
        'webhook-id': notice.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature(key, notice.id, timestamp, body),
      }
      return { url, headers, body }
    },
  }
}

const LONGEST_TEXT = 1_000

function webhookBody({ kind, at, id: _, host, ...data }: Notice): string {
  const about = host && { ...host, reason: [...withoutControls(host.reason)].slice(0, LONGEST_TEXT).join('') }
  return JSON.stringify({ type: `maintenance.${kind}`, timestamp: at, data: { ...data, host: about } })
}
