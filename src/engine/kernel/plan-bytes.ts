import {Unsupported} from './kernel-fields.ts'
import type {KernelPlan} from './kernel-plan.ts'
import {planBytesMax} from './limits.ts'
import {planImage} from './plan-image.ts'

/** The plan, if the kernel has room for it. */
export function checkedBytes(plan: KernelPlan): KernelPlan {
  if (planImage(plan, 0).bytes.length <= planBytesMax) return plan
  throw new Unsupported(`the rule takes more than ${planBytesMax} bytes in the kernel`)
}
