/** Which tags and blobs a run of a rule reads. Pure. */
export * from './archive-names.ts'
export {batchId} from './batch.ts'
export * from './choose-blobs.ts'
export {dayAt, dayOfTag, dayText, parseDay} from './days.ts'
export {type MatchedTags, matchTags} from './match-tags.ts'
export {type RequestedTags, requestedTags, type SelectOverrides} from './requested-tags.ts'
export {type ResultTagQuestion, resultTagName, tagPart} from './result-tag.ts'
