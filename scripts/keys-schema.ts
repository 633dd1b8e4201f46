import { writeFileSync } from 'node:fs'
import { keyTable } from './key-table'

writeFileSync('docs/keys.md', keyTable())
