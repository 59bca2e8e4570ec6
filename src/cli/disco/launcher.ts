/** How this program is started again: with the same Node, under its real name, so that all topics are open to it. */
import {realpathSync} from 'node:fs'

export const launcher = (): readonly [string, string] => [process.execPath, realpathSync(process.argv[1] ?? '')]
