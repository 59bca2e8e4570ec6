/** The name that the program was called by: people are told commands as they would type them. */
import {basename} from 'node:path'
import {topicNames} from './topics.ts'

/** The topic whose name the program was called by; undefined for all other names. @param called - name or path (`process.argv[1]`) */
export function calledTopic(called: string): string | undefined {
  const name = basename(called).replace(/\.([cm]?js|exe)$/, '')
  return topicNames.includes(name) ? name : undefined
}

/** Commands in a text as the caller would type them: called as `inferno`, `disco-inferno inferno run` is `inferno run`. */
export function asTyped(text: string, called: string): string {
  const topic = calledTopic(called)
  return topic === undefined ? text : text.replaceAll(`disco-inferno ${topic} `, `${topic} `)
}
