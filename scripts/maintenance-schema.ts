import { writeFileSync } from 'node:fs'
import { maintenanceJsonSchema } from '../src/config/maintenance-json-schema'

writeFileSync('schema/maintenance.schema.json', `${JSON.stringify(maintenanceJsonSchema(), null, 2)}\n`)
