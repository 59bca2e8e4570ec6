/** A rule's scan as the master of a cluster sees it: two stages, and blobs. */
import type {RulePackRequest} from '../../worker/index.ts'
import type {TaskBundles} from './bundle-kept.ts'
import type {ClusterScanRequest} from './cluster-scan.ts'

/** Seconds of one run of a scan: a chunk of a gigabyte takes seconds, a function of the rule that hangs must not hold its slot for ever. */
const taskSeconds = 3600

/** Bytes of a sort buffer that no stage of a rule has; a plan names one. */
const sortBytes = 64 * 1024 * 1024

/** Characters of a job's name. */
const nameLengthMax = 100

/** @param together - inputs that a task takes together; undefined: a task for each */
export function ruleJobPlan(
  {plan, inputs, memoryBytes, allowsMissing}: ClusterScanRequest,
  together: TaskBundles | undefined,
): RulePackRequest['job'] {
  const stage = {isConcurrent: false, isMerged: false, isSorted: false, partitions: null}
  return {
    version: 1,
    name: jobNameOf(plan.rule),
    description: `scans for the rule ${plan.rule}`,
    stages: [
      {...stage, name: 'scan', grouping: 'split'},
      {...stage, name: 'merge', grouping: 'group-all'},
    ],
    // Other addresses are a matter of the tasks: here one says where a task is best run.
    inputs: (together?.bundles.map(([first]) => inputs[first!]!) ?? inputs).map(({addresses}) => addresses.slice(0, 1)),
    ...(together && {inputNodes: together.nodes}),
    mayMissInputs: allowsMissing || inputs.some(({addresses}) => addresses.length > 1),
    reader: {type: 'bytes'},
    params: {},
    files: [],
    saveResults: null,
    limits: {memoryBytes, sortBytes, taskSeconds, badRecords: null, slots: null, failures: null},
  }
}

/** The rule's name, as far as a job's may have its characters. */
export function jobNameOf(rule: string): string {
  const name = rule.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, nameLengthMax)
  return /^[A-Za-z0-9_]/.test(name) ? name : `_${name.slice(1)}`
}
