import { enter } from './action/entry'
import { post } from './action/post'

// Do not add any logic to this file.
enter(post)
