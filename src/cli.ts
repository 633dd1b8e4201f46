import { commandLine } from './cli/main'
import { takeEnvironment } from './environment/take-environment'

// Do not add any logic to this file.
void commandLine(process.argv.slice(2), takeEnvironment())
