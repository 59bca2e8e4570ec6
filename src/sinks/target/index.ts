export {type Environment, resolveTarget, type SinkTarget, withoutSecrets} from './resolve-target.ts'
export {type SinkFlags, type SinkOptions, type SinkSpec, sinkSpecOf} from './sink-spec.ts'
