import {defineRule} from '../../../src/api.ts'
import {compilePlan} from '../../../src/rules/index.ts'
import type {RuleOptions} from '../../../src/rules/types.ts'
import {type CompiledSql, type CompileRequest, clickhouse, compileSql, runQuery} from '../../../src/sql/index.ts'

/** Compiles a rule over JSON lines with one keyset, or what the options say. */
export function compile(options: Partial<RuleOptions>, dialect = clickhouse, rest: Partial<CompileRequest> = {}) {
  const rule = defineRule({
    name: 'r',
    format: 'json',
    keyParts: ['a'],
    valueParts: ['count'],
    ...options,
  } as RuleOptions)
  return compileSql({plan: compilePlan(rule, {module: 'logs'}).plan, params: {}, dialect, ...rest})
}

export function query(options: Partial<RuleOptions>, dialect = clickhouse): string {
  return runQuery(compiled(options, dialect), 'SELECT 1 AS line')
}

export function compiled(options: Partial<RuleOptions>, dialect = clickhouse): CompiledSql {
  const result = compile(options, dialect)
  if ('refused' in result) throw new Error(result.refused.join('; '))
  return result
}

export function reasons(options: Partial<RuleOptions>): readonly string[] {
  const result = compile(options)
  return 'refused' in result ? result.refused : []
}
