/** Two stages at the same time: the second one begins before the first has ended. Out-of-band values go from one to the other. */
import {defineJob} from 'disco-inferno'

export default defineJob({
  name: 'streams',
  stages: [
    {
      name: 'split-words',
      grouping: 'split',
      init: ({oob}) => oob.put('greeting', {text: 'hello'}),
      async *process(lines) {
        for await (const line of lines as AsyncIterable<string>) {
          for (const word of line.split(' ')) if (word !== '') yield [word, 1]
        }
      },
    },
    {
      name: 'count-all',
      grouping: 'group-all',
      concurrent: true,
      async process(pairs, {state}) {
        for await (const _ of pairs) state['count'] = Number(state['count'] ?? 0) + 1
      },
      async done({oob, state}) {
        const greeting = (await oob.get('greeting')) as {text: string}
        oob.put('farewell', 'bye')
        return [[greeting.text, state['count']] as [string, unknown]]
      },
    },
  ],
})
