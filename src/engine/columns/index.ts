export {histogramLabels} from './histogram.ts'
export {type ColumnNode, makeColumn} from './make-column.ts'
