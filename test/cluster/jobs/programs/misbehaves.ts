/** `params.how`: crashes, hangs, floods or eats. */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'misbehaves',
  inputs: ['raw://x'],
  map(_line, {params, log}) {
    switch (params['how']) {
      case 'crashes':
        return process.exit(3)
      case 'hangs':
        for (;;);
      case 'floods':
        for (let line = 0; line < 200_000; line++) log(`line ${line}`)
        return [['flooded', 1] as [string, number]]
      case 'eats': {
        const kept: Buffer[] = []
        for (;;) kept.push(Buffer.alloc(16 << 20, 1))
      }
      default:
        return []
    }
  },
  limits: {failures: 1, taskSeconds: 3, memory: '256MiB'},
})
