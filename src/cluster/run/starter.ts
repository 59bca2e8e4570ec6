/** A process that another one of ours started, and that must not outlive it: the agents of `disco start --agents`. */

/** Tells it so; the channel to its starter tells when that is gone, however it went. */
const variable = 'DISCO_ENDS_WITH_STARTER'

export const withStarter = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({...env, [variable]: '1'})

/** Between asking this process to end and asking again, which is not to wait for tasks: nobody is there to take their results. */
const againMs = 100

/**
 * Ends this process, as SIGTERM does, when its starter is gone. Does nothing in one that may outlive it.
 *
 * @returns whether there is such a starter: the channel to it must stay open
 */
export function endWithStarter(): boolean {
  const isOurs = process.env[variable] === '1' && process.channel !== undefined
  // Not for those that this process starts itself.
  delete process.env[variable]
  if (!isOurs) return false
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), againMs).unref()
  })
  process.channel?.unref()
  return true
}
