export {compileFields, compilePattern, type PatternFields} from './compile-pattern.ts'
export type {Pattern} from './pattern.ts'
