/** Makes the pack of a rule's scan: its plan and, where scanning calls functions of the rule, the modules that loading it read. */
import {createHash} from 'node:crypto'
import {serialize} from 'node:v8'
import type {JobPlan} from '../../../jobs/index.ts'
import type {BlobId} from '../../../protocol/index.ts'
import {type Params, type Plan, planHash} from '../../../rules/index.ts'
import {loadRuleModule} from '../../rule-loader.ts'
import {partialName} from '../../rule-tasks/kept-partials.ts'
import {partialVersion} from '../../rule-tasks/partial-format.ts'
import type {RuleBundles, RuleInput, RuleWork} from '../../rule-tasks/types.ts'
import type {RuleAddress} from '../../scan-job.ts'
import {entryOf, gatherCode, type JobPack, makePack, type PackedCode, placesOf} from './write-pack.ts'

export interface RulePackRequest {
  /** The job as the master sees it. */
  readonly job: JobPlan
  readonly work: Omit<RuleWork, 'params' | 'address' | 'cacheKey'>
  readonly params: Params
  /** Where the functions are that scanning calls; null: it calls none. */
  readonly address: RuleAddress | null
  readonly inputs: readonly RuleInput[]
  readonly bundles?: RuleBundles | undefined
}

const noCode: PackedCode = {files: [], jobFile: '', filesFolder: 'job'}

/** @throws UserError RULE_FILE_BROKEN, and JOB_FILE_BROKEN for what cannot be packed */
export async function packRule({job, work, params, address, inputs, bundles}: RulePackRequest): Promise<JobPack> {
  const code = address === null ? noCode : await codeOf(address)
  const given = serializable(params)
  const whole: RuleWork = {
    ...work,
    params: serialize(given).toString('base64'),
    address: address === null ? null : {file: code.jobFile, path: address.path},
    cacheKey: cacheKeyOf(work, given, address === null ? null : {code, path: address.path}),
  }
  const rule = {work: whole, inputs, ...(bundles && {bundles})}
  return makePack({kind: 'rule', plan: job, rule, ...placesOf(code)}, code.files)
}

/**
 * What nodes would call the partials that they keep of these blobs, if they keep them.
 *
 * @param work - as for `packRule`
 * @throws as `packRule`
 */
export async function partialNames(
  {work, params, address}: Pick<RulePackRequest, 'params' | 'address'> & {readonly work: CachedWork},
  inputs: readonly (Pick<RuleInput, 'name' | 'format'> & {readonly blob: BlobId})[],
): Promise<readonly string[]> {
  const code = address === null ? null : {code: await codeOf(address), path: address.path}
  const cacheKey = cacheKeyOf(work, serializable(params), code)
  return inputs.map(input => partialName({cacheKey, plan: work.plan}, input, input.blob))
}

/** What decides a partial, of a work. */
type CachedWork = Pick<RuleWork, 'plan' | 'keepsBad'>

async function codeOf({file}: RuleAddress): Promise<PackedCode> {
  const module = await loadRuleModule(file)
  return await gatherCode(module.file, module.modulesRead)
}

/** What can cross processes. The rest (functions) is there from loading the rule. */
function serializable(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).filter(([, value]) => {
      try {
        serialize(value)
        return true
      } catch {
        return false
      }
    }),
  )
}

/**
 * The same for two works that make the same partial of the same input. The engine is not in it, as it does not matter; of parameters
 * without functions only those are that conditions name, and the files of the code where there are functions.
 */
function cacheKeyOf(
  {plan, keepsBad}: CachedWork,
  params: Params,
  code: {readonly code: PackedCode; readonly path: readonly number[]} | null,
): string {
  const used = code === null ? namedParams(plan, params) : params
  const parts = [
    partialVersion,
    planHash(plan),
    keepsBad,
    serialize(used).toString('base64'),
    code && [code.code.files.map(entryOf), code.code.jobFile, code.path],
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function namedParams(plan: Plan, params: Params): Params {
  const names = new Set<string>()
  JSON.stringify(plan, (_key, node: unknown) => {
    if (typeof node === 'object' && node !== null && 'expression' in node && node.expression === 'param')
      names.add(String((node as {readonly name?: unknown}).name))
    return node
  })
  return Object.fromEntries([...names].sort().map(name => [name, params[name]]))
}
