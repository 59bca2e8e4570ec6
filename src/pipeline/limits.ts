/** Bounds of a pipeline. */

/** Stages of one job. Real ones have two to five; each step of the scheduler looks at all that are open. */
export const stageCountMax = 100

/** Name of a stage, characters: it becomes part of file names and of lines on a terminal. */
export const stageNameLengthMax = 64
