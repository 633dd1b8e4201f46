import { z } from 'zod'
import { reportSchema } from './report-schema'

/** The text of schema/report.schema.json, made from the source of the types. */
export function reportJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema, { target: 'draft-2020-12' })
  const titled = {
    $schema,
    title: 'Pitstop report',
    description: 'report.json, version 1. Times are ISO 8601 in UTC.',
    ...schema,
  }
  return `${JSON.stringify(titled, null, 2)}\n`
}
