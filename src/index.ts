import { enter } from './action/entry'
import { main } from './action/main'

// Do not add any logic to this file.
enter(main)
