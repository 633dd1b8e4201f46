import { forHtml } from '../show/for-html'

/** Markup that is finished: only `html` makes it, so every text in it went through the one escaping function (H42). */
export class Html {
  readonly markup: string

  private constructor(markup: string) {
    this.markup = markup
  }

  /** Markup of our own, without any value in it. */
  static literal(markup: string): Html {
    return new Html(markup)
  }
}

export type HtmlValue = string | number | Html | null | readonly HtmlValue[]

/** Text and numbers are escaped, markup and lists of it go in as they are, null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = parts.reduce((all, part, i) => `${all}${part}${i < values.length ? shown(values[i] ?? null) : ''}`, '')
  return Html.literal(markup)
}

function shown(value: HtmlValue): string {
  if (value === null) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'object') return value.map(shown).join('')
  return forHtml(String(value)).replaceAll('\n', ' ')
}
