export type {Notice, NotifySettings, NotifyWishes} from './notice.ts'
export {Notifier, type NotifierOptions, type NotifyProblem} from './notifier.ts'
export {Redactor} from './secret.ts'
