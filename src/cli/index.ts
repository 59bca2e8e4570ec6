export {type CompletionShell, completionScript, completionShells} from './completion/script.ts'
export {main} from './main.ts'
