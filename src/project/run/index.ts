export {
  type Delivered,
  type DeliveryOptions,
  deliver,
  isChoiceEmpty,
  type RowChoice,
  RowCounter,
  shownHeaders,
} from './deliver.ts'
export {type DryRun, dryRun} from './dry-run.ts'
export {type FileBatch, fileBatch} from './file-batch.ts'
export {findRules, keysetNames, type RuleTarget, ruleFilesIn, rulePathOf} from './find-rules.ts'
export {checkHaving} from './having-rows.ts'
export {inputPatterns, readingRules} from './rule-inputs.ts'
export {headersOf, type RuleRun, type RunSettings, type RunSource, runRule} from './run-rule.ts'
export {checkTop, type Top} from './top-rows.ts'
export {writeRows} from './write-rows.ts'
