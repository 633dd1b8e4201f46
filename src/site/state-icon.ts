import { Html } from './html'
import type { ComponentState } from './state'

const SHAPES: Readonly<Record<ComponentState, string>> = {
  operational: '<path d="m13 20.5 5 5L27.500 15" />',
  maintenance: '<path d="M20 11.500v9l6 3.500" />',
  verifying: '<circle cx="18.500" cy="18.500" r="6" /><path d="m23 23 5 5" />',
  attention: '<path d="M20 11.500v11" /><path d="M20 28v.1" />',
  unknown: '<path d="M13 20h14" />',
}

/** Shape and colour both tell the state: colour alone would not reach everybody. */
export function stateIcon(state: ComponentState): Html {
  return Html.literal(
    `<svg class="icon" viewBox="0 0 40 40" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.800" stroke-linecap="round" stroke-linejoin="round"><circle cx="20" cy="20" r="17.500" />${SHAPES[state]}</svg>`,
  )
}
