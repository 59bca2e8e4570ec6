/**
 * The plan: a rule as plain JSON. It is what crosses threads and processes, what is hashed, and what an engine executes.
 * Functions of a rule are named by the place where they stand (`FunctionRef.hook`) and travel beside the plan.
 */
import type {Json} from '../base/index.ts'

export interface FunctionRef {
  readonly step: 'function'
  /** Where it stands in the rule: `partsPreprocess[0]`, `fieldTransforms.ad_id[1]`, `keysets.by_day.partsPreprocess[0]`. */
  readonly hook: string
  /** The function's own name, for messages; may be empty. */
  readonly name: string
}

/** A transform of one value. */
export type TransformNode =
  | {readonly transform: 'toInt' | 'toFloat' | 'lower' | 'upper' | 'alphanumeric' | 'urlHost' | 'truncateIp'}
  | {readonly transform: 'trimTo'; readonly length: number}
  | {readonly transform: 'padInt'; readonly width: number; readonly fill: string}
  | {readonly transform: 'replace'; readonly pattern: string; readonly replacement: string}
  | {readonly transform: 'extract'; readonly pattern: string; readonly group: number | string}
  | {readonly transform: 'hashed'; readonly salt: string; readonly length: number}
  | {readonly transform: 'withYear'; readonly lastDay: string}
  | {
      readonly transform: 'minute' | 'hour' | 'day' | 'week'
      readonly zone: string
      /** How a bare number is to be read; `auto` goes by its size. */
      readonly unit: 'auto' | 's' | 'ms' | 'us' | 'ns'
    }
  | {readonly transform: 'function'; readonly ref: FunctionRef}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** A condition on a record, or a value for derive. Paths are dotted. */
export type ExpressionNode =
  | {readonly expression: 'field'; readonly path: string}
  | {readonly expression: 'param'; readonly name: string}
  | {readonly expression: 'literal'; readonly value: string | number | boolean | null}
  | {
      readonly expression: 'compare'
      readonly operator: Comparison
      readonly left: ExpressionNode
      readonly right: ExpressionNode
    }
  | {readonly expression: 'and' | 'or'; readonly operands: readonly ExpressionNode[]}
  | {readonly expression: 'not'; readonly operand: ExpressionNode}
  | {readonly expression: 'exists'; readonly operand: ExpressionNode}
  | {
      readonly expression: 'in'
      readonly operand: ExpressionNode
      readonly values: readonly (string | number | boolean | null)[]
    }
  | {
      readonly expression: 'contains' | 'startsWith' | 'endsWith'
      readonly operand: ExpressionNode
      readonly text: string
    }
  | {readonly expression: 'matches'; readonly operand: ExpressionNode; readonly pattern: string}
  | {
      readonly expression: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: ExpressionNode
      readonly right: ExpressionNode
    }
  | {
      readonly expression: 'transformed'
      readonly operand: ExpressionNode
      readonly transforms: readonly TransformNode[]
    }

/** One step of a preprocess chain: one record in, none, one or several out. */
export type StepNode =
  | {readonly step: 'where'; readonly condition: ExpressionNode}
  | {readonly step: 'select'; readonly fields: readonly string[]}
  | {readonly step: 'derive'; readonly fields: readonly {readonly name: string; readonly value: ExpressionNode}[]}
  | {readonly step: 'explode'; readonly field: string; readonly as: string}
  | {readonly step: 'splitWords'; readonly field: string; readonly as: string}
  | {readonly step: 'parseJson'; readonly field: string; readonly as: string}
  | {
      readonly step: 'lookup'
      /** Field of the record that is looked up. */
      readonly field: string
      /** The table, keyed by text: read when the rule is loaded, part of the plan. */
      readonly table: Readonly<Record<string, Readonly<Record<string, Json>>>>
      /** Column of the table to record field. */
      readonly columns: readonly {readonly column: string; readonly as: string}[]
      /** Records without a match: kept as they are, or dropped. */
      readonly unmatched: 'keep' | 'drop'
    }
  | FunctionRef

export interface KeyPartNode {
  /** Column name before mapping. */
  readonly name: string
  /** Dotted path. */
  readonly field: string
  readonly transforms: readonly TransformNode[]
}

export type AggregateNode = {readonly column: string} & (
  | {
      readonly aggregate: 'sum'
      readonly field: string
      /** What an absent field adds: 0, or 1 for the magic `count`. Null always adds 0. */
      readonly absent: 0 | 1
    }
  | {
      readonly aggregate: 'count' /** null: records; else records whose field is neither absent nor null. */
      readonly field: string | null
    }
  | {readonly aggregate: 'min' | 'max' | 'avg' | 'stddev'; readonly field: string}
  | {readonly aggregate: 'first' | 'last'; readonly field: string; readonly by: string}
  | {readonly aggregate: 'distinct'; readonly field: string; readonly exactUpTo: number}
  | {readonly aggregate: 'quantile'; readonly field: string; readonly q: number}
  | {readonly aggregate: 'topK'; readonly field: string; readonly k: number}
  | {readonly aggregate: 'histogram'; readonly field: string; readonly bounds: readonly number[]}
  | {readonly aggregate: 'collect'; readonly field: string; readonly max: number}
)

export interface KeysetPlan {
  readonly name: string
  readonly keyParts: readonly KeyPartNode[]
  readonly values: readonly AggregateNode[]
  readonly steps: readonly StepNode[]
  readonly postprocess: readonly FunctionRef[]
  /** Header: key parts, then values, after columnMappings. */
  readonly columns: readonly string[]
  readonly extraColumns: readonly string[]
  readonly table: string | null
}

export type FormatNode =
  | {readonly format: 'json' | 'logfmt' | 'common-log' | 'combined-log'}
  | {
      readonly format: 'csv' | 'dynamic'
      /** Names; `header`: first record of each file; null: 0, 1, 2 … by the first record of each file. */
      readonly fields: readonly string[] | 'header' | null
      readonly delimiter: string
    }
  | {readonly format: 'regex'; readonly pattern: string}
  | {readonly format: 'custom'; readonly ref: FunctionRef}

export interface Plan {
  readonly version: 1
  /** `module.rule`, or `query` for a rule without a file. */
  readonly rule: string
  readonly format: FormatNode
  readonly steps: readonly StepNode[]
  readonly transforms: readonly {readonly field: string; readonly chain: readonly TransformNode[]}[]
  readonly keysets: readonly KeysetPlan[]
  /** Declared by the rule: what its functions read; null = unknown. */
  readonly fields: readonly string[] | null
  /** Hooks that replace the keyset map and reduce; null = the standard ones. */
  readonly map: FunctionRef | 'pairs' | null
  readonly combiner: FunctionRef | null
  readonly partitioner: FunctionRef | null
  /** `sorted`: sortedReduce, the pure one without postprocessors. */
  readonly reduce: FunctionRef | 'sorted' | null
  readonly partitions: number
  readonly sort: boolean
  readonly sortedResults: boolean
}
