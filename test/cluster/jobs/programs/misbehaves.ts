/** `params.how`: the way. */
import {writeSync} from 'node:fs'
import {defineJob} from 'disco-inferno'

/** To where our own messages go. */
const garbage = (text: string): Promise<[string, number][]> => {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(3, bytes, written)
    } catch (error) {
      // The reader is slower than we are.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
  return new Promise(() => undefined)
}

export default defineJob({
  name: 'misbehaves',
  inputs: ['raw://x'],
  map(_line, {params, log}) {
    switch (params['how']) {
      case 'crashes':
        return process.exit(3)
      case 'ends itself':
        process.kill(process.pid, 'SIGSEGV')
        for (;;);
      case 'hangs':
        for (;;);
      case 'sleeps':
        return new Promise<[string, number][]>(resolve => setTimeout(resolve, 3_600_000, []))
      case 'floods':
        for (let line = 0; line < 200_000; line++) log(`line ${line}`)
        return [['flooded', 1] as [string, number]]
      case 'floods without end':
        return new Promise<[string, number][]>(resolve =>
          process.stdout.write('x'.repeat(32 << 20), () => resolve([['flooded', 1]])),
        )
      case 'writes garbage':
        return garbage('this is no message\n')
      case 'writes without end':
        return garbage('x'.repeat(70 << 20))
      case 'eats values': {
        const kept: object[] = []
        for (;;) kept.push({number: kept.length})
      }
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
