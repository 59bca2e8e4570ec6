/** Opens a node's folder, says so, and keeps it until it is killed. Argument: the folder. */
import {openNodeFolder} from '../../../../src/storage/index.ts'

const folder = await openNodeFolder(process.argv[2]!, {defaultName: 'other'})
process.stdout.write(`${folder.identity.key}\n`)
setInterval(() => folder.path, 1000)
