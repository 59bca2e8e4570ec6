/** The pages for those who come from Disco and Inferno: nothing of old is left out, and what they show is there. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {manifest} from '../../../src/cli/manifest.ts'
import {ruleOptionNames} from '../../../src/rules/options.ts'

const pageOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../../docs/from-${name}.md`), 'utf8')
const words = (text: string): string[] => text.trim().split(/\s+/)

/** Commands of Disco, by the word before them. */
const discoCommands = {
  disco:
    words(`start stop restart status nodaemon debug test config deref events job submit run jobs jobdict wait results
    stageresults kill purge nodeinfo oob pstats client_version master_version`),
  ddfs: words(`attrs getattr setattr delattr blobs cat xcat chunk push put tag touch cp get urls ls find stat exists rm chtok
    df du grep`),
}

const discoOptions = [
  ...[
    '-h',
    '-v',
    '-s',
    '-t TOKEN',
    '-M HOST',
    'deref -r',
    'events -o',
    'jobs -S',
    'stageresults -S',
    'job -m -r -n -o -p -S -e -f -d -D',
  ],
  ...[
    'run -n',
    '--partitions',
    '--save',
    'pstats -k',
    'find -w',
    'push -n',
    '-r',
    'push -F',
    'chunk -F',
    'push -x',
    '-z',
    '-I',
    '-E',
  ],
  ...['xcat -R', '-T', 'chunk -n', '-S SIZE', '-Z MAX', '-u', 'chtok -r', 'ls -i', 'cat -j', '-i', '-p'],
]

const discoSettings =
  words(`DISCO_HOME DISCO_ROOT DISCO_DATA DISCO_MASTER_HOST DISCO_MASTER DISCO_PORT DISCO_NAME DISCO_MASTER_HOME
  DISCO_MASTER_ROOT DISCO_MASTER_CONFIG DISCO_WWW_ROOT DISCO_LOG_DIR DISCO_PID_DIR DISCO_ROTATE_LOG DISCO_USER DISCO_JOB_OWNER
  DISCO_ERLANG DISCO_DEBUG DISCO_EVENTS DISCO_FLAGS DISCO_SETTINGS_FILE DISCO_WORKER_MAX_MEM DISCO_ULIMIT DISCO_SCHEDULER
  DISCO_SCHEDULER_ALPHA DISCO_GC_AFTER DATA_GC_INTERVAL DISCO_PROFILE GRAPHITE_HOST SYSTEMD_ENABLED DISCO_PROXY DISCO_HTTPD
  DISCO_TEST_ DDFS_ROOT DDFS_DATA DDFS_PUT_PORT DDFS_PUT_MAX DDFS_GET_MAX DDFS_READ_TOKEN DDFS_WRITE_TOKEN DDFS_TAG_MIN_REPLICAS
  DDFS_TAG_REPLICAS DDFS_BLOB_REPLICAS DDFS_GC_ DDFS_PARANOID_DELETE DDFS_SPACE_AWARE DDFS_ABSOLUTE_SPACE`)

const infernoOptions = [
  ...[
    '-i ',
    '--daemon',
    '-y',
    '--rules-directory',
    '-e',
    '--settings',
    '-s',
    '--server',
    '-q',
    '--just-query',
    '-f',
    '--force',
  ],
  ...[
    '-t',
    '-u',
    '-r',
    '-S',
    '-O',
    '-R',
    '-P',
    '--parameters',
    '-l',
    '--parameter-file',
    '--data-file',
    '-d',
    '--debug',
  ],
  ...[
    '-D',
    '--disco-debug',
    '-p',
    '--profile',
    '-x',
    '--start-paused',
    '--process-results',
    '--process-map',
    '--example_rules',
    '-v',
  ],
]

const infernoNames =
  words(`server rules_directory pid_dir log_config extra_python_paths worker mail_from mail_server pagerduty_api_key
  inferno_http_port no_purge source_tags source_urls key_parts value_parts column_mappings field_transforms parts_preprocess
  parts_postprocess result_processor result_tag archive max_blobs min_blobs day_range day_offset day_start AUTORUN
  chunk_json_stream chunk_csv_stream chunk_dynamic_stream partitions partition_function scheduler time_delta newest_first
  archive_tag_prefix archive_lookback nuke map_init_function map_function combiner_function reduce_function sort save table
  rule_init_function rule_cleanup required_files retry retry_limit retry_delay notify_on_fail notify_addresses`)

/** All that stands in backquotes, one behind the other. */
const codeOf = (text: string): string => [...text.matchAll(/`([^`]+)`/g)].map(match => ` ${match[1]} `).join('|')

/** The cells of all rows of all tables. */
const rowsOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| ---'))
    .map(line =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map(cell => cell.trim()),
    )

describe('of Disco', () => {
  const page = pageOf('disco')
  const old = rowsOf(page)
    .map(([first = '']) => first)
    .join('\n')

  test('every command is listed', () => {
    for (const [topic, names] of Object.entries(discoCommands)) {
      const lines = rowsOf(page)
        .map(([first = '']) => codeOf(first))
        .filter(line => line.trim().startsWith(topic))
      const listed = new Set(lines.join('|').split(/[\s|,]+/))
      expect(names.filter(name => !listed.has(name))).toEqual([])
    }
  })

  test('every option and setting is listed', () => {
    const parts = (text: string): string[] => text.split(' ')
    const isListed = (option: string): boolean =>
      old.split('\n').some(line =>
        parts(option).every(part =>
          codeOf(line)
            .split(/[\s|,]+/)
            .includes(part),
        ),
      )
    expect(discoOptions.filter(option => !isListed(option))).toEqual([])
    expect(discoSettings.filter(name => !old.includes(name))).toEqual([])
  })
})

describe('of Inferno', () => {
  const page = pageOf('inferno')
  const old = rowsOf(page)
    .map(([first = '']) => codeOf(first))
    .join('\n')

  test('every option, setting and name is listed', () => {
    const listed = new Set(old.split(/[\s|,=]+/))
    expect(infernoOptions.filter(option => !listed.has(option.trim()))).toEqual([])
    expect(infernoNames.filter(name => !listed.has(name))).toEqual([])
  })
})

test('what is the same in camel case is an option of rules', () => {
  const same = rowsOf(pageOf('inferno')).filter(([, now = '']) => now.startsWith('the same in camel case'))
  const names = same
    .flatMap(([old = '']) => spansOf(old))
    .map(name => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter(name => !(ruleOptionNames as readonly string[]).includes(name))).toEqual([])
})

type Flags = Readonly<Record<string, {readonly char?: string; readonly env?: string}>>
const commands = manifest.commands as Readonly<Record<string, {readonly flags?: Flags; readonly args?: object}>>

/** The command of a line, the longest that there is, with what follows; undefined: there is none. */
function commandOf(line: string): {readonly id: string; readonly rest: readonly string[]} | undefined {
  const parts = line.replace(/^disco-inferno /, '').split(/\s+/)
  for (let count = Math.min(3, parts.length); count > 0; count--) {
    const id = parts.slice(0, count).join(':')
    if (id in commands) return {id, rest: parts.slice(count)}
  }
  return undefined
}

function problemOf(line: string): string | undefined {
  const found = commandOf(line)
  if (found === undefined) return `${line}: there is no such command`
  const flags = commands[found.id]?.flags ?? {}
  const known = new Set([
    '--help',
    '--version',
    ...Object.entries(flags).flatMap(([name, {char}]) => [`--${name}`, `-${char}`]),
  ])
  const unknown = found.rest
    .map(part => part.split('=')[0]!)
    .find(part => /^--?[a-zA-Z]/.test(part) && !known.has(part))
  return unknown === undefined ? undefined : `${line}: ${found.id} has no ${unknown}`
}

const isLine = (text: string): boolean => /^(?:disco|ddfs|inferno) [a-z]/.test(text)
const spansOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(match => match[1]!)

/** What a reader may type: in the column `now` and outside of tables; and what of old is "the same". */
function shownIn(page: string): string[] {
  const lines: string[] = []
  for (const line of page.split('\n')) {
    if (/^ {4}(?:disco|ddfs|inferno) /.test(line)) lines.push(line.trim().replace(/\s+#.*$/, ''))
    else if (!line.startsWith('|')) lines.push(...spansOf(line).filter(isLine))
  }
  for (const [first = '', ...others] of rowsOf(page)) {
    lines.push(...others.flatMap(cell => spansOf(cell).filter(isLine)))
    if (others[0] !== 'the same') continue
    // `disco start`, `stop`: the word before holds for all.
    let topic = ''
    for (const span of spansOf(first)) {
      topic = isLine(span) ? span.split(' ')[0]! : topic
      if (topic !== '' && /^[a-z]/.test(span)) lines.push(isLine(span) ? span : `${topic} ${span}`)
    }
  }
  return lines
}

test.each(['disco', 'inferno'])('every command that the page for %s shows is there, with its options', name => {
  const lines = shownIn(pageOf(name))
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.flatMap(line => problemOf(line) ?? [])).toEqual([])
})

test.each(['disco', 'inferno'])('every environment variable that the page for %s names as of now is there', name => {
  const known = new Set(
    Object.values(commands).flatMap(({flags = {}}) => Object.values(flags).flatMap(({env}) => env ?? [])),
  )
  const now = rowsOf(pageOf(name)).flatMap(([, second = '']) => spansOf(second))
  const named = now.filter(text => /^(?:DISCO|DDFS)_[A-Z_]+$/.test(text))
  expect(named.filter(text => !known.has(text))).toEqual([])
})
