import { npmNode } from './npm-node'

/** The Node that GitHub's runner starts the action with. */
export function node24(): string {
  return npmNode('24.21.0')
}
