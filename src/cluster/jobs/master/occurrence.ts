import type {SchedulerEvent} from '../../../scheduler/index.ts'

/** An event without its time: the driver's clock gives that. */
export type Occurrence<E = SchedulerEvent> = E extends SchedulerEvent ? Omit<E, 'nowMs'> : never
