/** A job as data: stages, and what flows between them. */

/** How the outputs of one stage become the tasks of the next. Names as in Disco, with dashes. */
export type Grouping = 'split' | 'group-label' | 'group-node' | 'group-node-label' | 'group-all'

export interface Stage {
  readonly name: string
  readonly grouping: Grouping
  /** Starts while the stage before it is still running, and gets its inputs as they are made. */
  readonly isConcurrent: boolean
}

export type Pipeline = readonly Stage[]

/** Where the bytes of an output can be had. */
export type Place =
  /** A file in the job's folder on the node that made it; lost with that node. */
  | {readonly type: 'file'; readonly node: string; readonly path: string}
  /** The same bytes at each of the addresses. */
  | {readonly type: 'urls'; readonly urls: readonly string[]}
  | {readonly type: 'blob'; readonly blob: string}

/** One output of a task, or one input of the job. */
export interface Output {
  /** 0 or more. */
  readonly label: number
  readonly place: Place
  /** A hint for placing; 0 when nobody knows. */
  readonly bytes: number
  readonly records: number
  /** Nodes that hold the bytes; of a `file` it is the place's node. Left out: none is known. */
  readonly nodes?: readonly string[]
  readonly sha256?: string
}

/** What a task is for, as it is told to its worker. */
export interface Group {
  /** 0 where the grouping does not look at labels. */
  readonly label: number
  /** Empty where the grouping does not look at nodes, and for outputs outside of any node. */
  readonly node: string
  /** Of `split`: the first output of the producing task that belongs to it. */
  readonly output?: number
}
