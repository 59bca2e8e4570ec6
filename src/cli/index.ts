// Nothing of a command: what is named here the bundle loads before the command is known.
export {main} from './main.ts'
