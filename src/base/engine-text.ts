/** How an engine is written in rules, flags and settings. What follows `clickhouse=` is judged where it is opened. */
export const engineText = /^(?:auto|row|clickhouse=(?:(?:clickhouses?|https?):\/\/[^/].*|env:\w+|file:.+))$/s
