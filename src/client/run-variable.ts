/** The variable of the environment that names the run of a process which the daemon started: finds one whose number was not saved any more. */
export const runVariable = 'INFERNO_DAEMON_RUN'
