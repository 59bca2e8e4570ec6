export {distinctOf, quantileOf, stddevOf} from './finish-states.ts'
export {histogramLabels} from './histogram.ts'
export {type ColumnNode, makeColumn} from './make-column.ts'
