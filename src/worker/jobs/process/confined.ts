/** What a task's process gets of our environment, and the limits of the system that it is started under. */
import {existsSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {processesMax} from '../../task-user.ts'
import {openFilesMax} from '../limits.ts'

/** What every program may need, and holds no secret. A list of what is let in: nobody knows all names that hold secrets. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR']

/** @param environment - of this process */
export function authorEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap(name => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** Every POSIX system has it; an image without it runs tasks without these limits. */
const shell = '/bin/sh'

/** What is more than the system allows stays as it is. The shell becomes the program: its process is the task's. */
const script = 'ulimit -c 0; ulimit -t "$1"; ulimit -n "$2"; shift 3; exec "$@"'

/** Processes are counted by user: only for one that has no others. Shells do not agree on the letter. */
const ownScript = `{ ulimit -u "$3" || ulimit -p "$3"; } 2>/dev/null; ${script}`

/**
 * The command that runs a command with limits of processor time, open files and, as a user of its own, processes, and without
 * core dumps. Whatever the program starts has the same limits, also where it leaves the process group.
 *
 * @param cpuSeconds - of each process
 * @param user - that it is started as; undefined: as this process is
 */
export function limited(
  command: readonly [string, ...string[]],
  cpuSeconds: number,
  user?: number,
): readonly [string, ...string[]] {
  if (!existsSync(shell)) return command
  const numbers = [cpuSeconds, openFilesMax, processesMax].map(String)
  return [shell, '-c', user === undefined ? script : ownScript, 'task', ...numbers, ...command]
}

/**
 * Processor time that a process may use in all, seconds, on all processors: that of two runs as long as they may be. A process
 * that has been busy for the time of one is not used again, so no run comes near it that is within its own time.
 */
export const cpuSecondsOf = (taskSeconds: number): number => Math.ceil(2 * taskSeconds * availableParallelism()) + 1
