export * from './builder.ts'
export {compileCondition, compileExpression} from './compile.ts'
export {parseExpression} from './parse.ts'
export {type PrintOptions, printExpression} from './print.ts'
