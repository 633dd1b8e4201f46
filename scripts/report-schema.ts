import { writeFileSync } from 'node:fs'
import { reportJsonSchema } from '../src/report/report-json-schema'

writeFileSync('schema/report.schema.json', reportJsonSchema())
