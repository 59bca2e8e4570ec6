export {Kernel, type KernelOptions} from './kernel.ts'
export {isKernelFormat, type KernelFormat, type KernelPlan, kernelPlan} from './kernel-plan.ts'
export {KernelReader, type KernelSink} from './kernel-reader.ts'
