/** One task for each input, and nothing to do in it. */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'bench-tiny',
  inputs: ['raw://x'],
  map: () => [],
})
