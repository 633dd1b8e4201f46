import { commandLine } from './cli/main'

// Do not add any logic to this file.
void commandLine(process.argv.slice(2), process.env)
