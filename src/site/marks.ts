import { createHash } from 'node:crypto'

/** Stands for a host in the public status.json, so that the next run knows which hosts still wait. */
export function hostMark(file: string, host: string): string {
  return digest(`host\0${file}\0${host}`)
}

/** Tells the maintenance files apart that publish to one page. */
export function maintenanceId(file: string): string {
  return digest(`file\0${file}`)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
