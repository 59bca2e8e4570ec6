export {compilePattern} from './compile-pattern.ts'
export type {Pattern} from './pattern.ts'
