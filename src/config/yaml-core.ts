import { isScalar, Schema } from 'yaml'
import type { ScalarNode } from './tree'

/** How the library that reads the rest tells numbers, true, false and null from text. */
const TAGS = new Schema({ schema: 'core' }).tags.flatMap((tag) =>
  tag.collection === undefined && tag.default === true && tag.test !== undefined ? [{ ...tag, test: tag.test }] : [],
)

/** What a text without quotes means in YAML 1.2 core. */
export function coreValue(text: string): ScalarNode['value'] {
  const tag = TAGS.find(({ test }) => test.test(text))
  if (tag === undefined) return text
  const value: unknown = tag.resolve(text, () => {}, { intAsBigInt: false })
  return (isScalar(value) ? value.value : value) as ScalarNode['value']
}
