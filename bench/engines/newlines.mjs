/** The limit of a scan: finding newlines only, in the same files, as a whole process with two threads. */
import {join} from 'node:path'
import {modulePath} from '../newlines/compile.mjs'
import {bench, node} from './paths.mjs'

export const newlines = {
  id: 'newlines',
  peer: 'limit',
  title: 'newlines only',
  isLimit: true,
  version: () => '',
  variants: (_, {files}) => [{argv: () => [node, join(bench, 'peers/newlines.mjs'), modulePath, ...files]}],
}
