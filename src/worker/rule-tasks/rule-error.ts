/** An error of a rule as the text of a failed task: who submitted the job makes the same error of it again, and loads no tasks for that. */
import {type ErrorCode, UserError} from '../../base/index.ts'

/** Code and hint go with its text. */
export function ruleErrorText({message, code, hint}: UserError): string {
  const hintText = hint === undefined ? '' : `\nhint: ${hint.replaceAll('\n', ' ')}`
  return `${message} [${code}]${hintText}`
}

/** The error that a task of a rule failed with. @returns undefined when the text is none of `ruleErrorText` */
export function ruleErrorFrom(message: string): UserError | undefined {
  const match = /^([\s\S]*?) \[([A-Z_]+)\](?:\nhint: ([^\n]*))?(?:\n|$)/.exec(message)
  if (match === null) return undefined
  const [, text = '', code = '', hint] = match
  return new UserError(code as ErrorCode, text, hint === undefined ? {} : {hint})
}
