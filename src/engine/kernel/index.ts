export {Kernel, type KernelOptions} from './kernel.ts'
export {type KernelFormat, type KernelPlan, kernelPlan} from './kernel-plan.ts'
export {KernelReader, type KernelSink} from './kernel-reader.ts'
