import { maintenanceJsonSchema } from '../config/maintenance-json-schema'
import { reportJsonSchema } from '../report/report-json-schema'

/** A JSON Schema as it is committed below schema/. */
export function schemaText(of: 'maintenance' | 'report'): string {
  return of === 'maintenance' ? JSON.stringify(maintenanceJsonSchema(), null, 2) : reportJsonSchema().trimEnd()
}
