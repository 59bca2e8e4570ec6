/** Looks at the cluster by asking it. What is told comes in as values, so that all of it can be tried without one. */
import type {ClusterInfo, MaintenanceInfo, NodeInfo, TokenInfo} from '../../../protocol/index.ts'
import {bad, type Finding, fine, warn} from './finding.ts'

/** Difference of clocks that tickets and expiries bear well, and that they do not. Milliseconds. */
const clockMsWarn = 2000
const clockMsBad = 60_000
/** A token that ends so soon is told. Milliseconds. */
const expiryMsWarn = 7 * 86_400_000

export interface Asked {
  readonly url: string
  readonly cluster: ClusterInfo
  /** This machine's clock, in the middle of the question. */
  readonly atMs: number
  readonly nodes: readonly NodeInfo[]
  readonly settings: Readonly<Record<string, unknown>>
  readonly maintenance: MaintenanceInfo
  /** Undefined: the token may not see them. */
  readonly tokens: readonly TokenInfo[] | undefined
  /** Of this program. */
  readonly version: string
}

/** Judges answers that have been asked for; asks nothing itself. */
export function lookAtCluster(asked: Asked): Finding[] {
  return [
    ...nodesOf(asked),
    versionsOf(asked),
    clockOf(asked),
    ...replicasOf(asked),
    ...safetyOf(asked),
    ...tokensOf(asked),
  ]
}

function nodesOf({nodes, cluster}: Asked): Finding[] {
  if (nodes.length === 0) {
    return [
      warn(
        'nodes',
        'the cluster has no nodes yet',
        'start one: disco agent --join, with the token of: disco token join',
      ),
    ]
  }
  const away = nodes.filter(({state}) => state === 'lost' || state === 'suspect')
  const full = nodes.filter(({status}) => status?.isFull === true)
  const corrupt = nodes.filter(({status}) => (status?.corruptCount ?? 0) > 0)
  return [
    away.length === 0
      ? fine('nodes', `${cluster.upCount} of ${cluster.nodeCount} up`)
      : bad(
          'nodes',
          `no answer from ${namesOf(away)}`,
          'start them again; if one is gone for good: disco node remove NAME --force',
        ),
    ...(full.length === 0
      ? []
      : [bad('room', `full: ${namesOf(full)}`, 'make room on them, add a node, or: ddfs balance')]),
    ...(corrupt.length === 0
      ? []
      : [
          warn(
            'copies',
            `corrupt copies were found on ${namesOf(corrupt)}`,
            'look at the disks there (dmesg, smartctl); good copies take their place by themselves',
          ),
        ]),
  ]
}

function versionsOf({cluster, nodes, version}: Asked): Finding {
  const all = [{name: 'the master', version: cluster.version}, ...nodes].map(one => ({
    ...one,
    plain: plainVersion(one.version),
  }))
  const far = all.filter(one => minorsApart(one.plain, version) > 1)
  if (far.length > 0) {
    const told = far.map(one => `${one.name} has ${one.plain}`).join(', ')
    return bad(
      'versions',
      `this program is ${version}; ${told}`,
      'versions work together one minor version apart: upgrade step by step',
    )
  }
  const other = all.filter(one => one.plain !== version)
  if (other.length === 0) return fine('versions', `${version} everywhere`)
  const told = other.map(one => `${one.name} has ${one.plain}`).join(', ')
  return warn('versions', `this program is ${version}; ${told}`, 'finish the upgrade')
}

const plainVersion = (software: string): string => software.split(' ').at(-1) ?? software

/** Minor versions between two; a different major one is far. */
export function minorsApart(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major === otherMajor ? Math.abs(minor - otherMinor) : Number.POSITIVE_INFINITY
}

function clockOf({cluster, atMs}: Asked): Finding {
  const awayMs = Math.abs(cluster.nowMs - atMs)
  const text = `${(awayMs / 1000).toFixed(1)} s from the master's`
  const advice = 'let both machines follow a time server (timedatectl set-ntp true)'
  if (awayMs > clockMsBad) return bad('clock', text, advice)
  return awayMs > clockMsWarn ? warn('clock', text, advice) : fine('clock', text)
}

function replicasOf({nodes, settings, maintenance: {repair}}: Asked): Finding[] {
  const wanted = Number(settings['replicas'])
  const usable = nodes.filter(({state}) => state === 'up').length
  const findings: Finding[] = []
  if (repair.missingCount > 0) {
    findings.push(
      bad(
        'replicas',
        `${repair.missingCount} blobs are on no node that answers`,
        'bring back the nodes that had them: ddfs fsck names them',
      ),
    )
  }
  if (repair.underReplicatedCount > 0) {
    findings.push(
      warn(
        'replicas',
        `${repair.underReplicatedCount} blobs have too few copies`,
        'wait: repair is at work (disco status)',
      ),
    )
  }
  if (findings.length > 0) return findings
  if (usable === 1) {
    return [warn('replicas', 'one node: every blob has one copy', 'fine for trying it out; else add nodes')]
  }
  if (usable < wanted) {
    return [
      warn(
        'replicas',
        `${usable} nodes are up, and ${wanted} copies are wanted`,
        `add nodes, or: disco config set replicas ${usable}`,
      ),
    ]
  }
  return [fine('replicas', `${wanted} copies of everything`)]
}

function safetyOf({url, cluster, settings}: Asked): Finding[] {
  const isClear = cluster.address.startsWith('http:') && !isHere(cluster.address)
  return [
    isClear
      ? bad(
          'encryption',
          `${cluster.address} is in the clear: tokens and data can be read on the way`,
          'start the nodes with --tls-cert and --tls-key',
        )
      : fine('encryption', url.startsWith('https:') ? 'TLS' : 'this machine only'),
    settings['allowCode'] === 'on' && !isHere(cluster.address)
      ? warn(
          'code',
          'whoever has a token for run-code runs programs on all nodes',
          'if nobody needs that: disco config set allowCode off',
        )
      : fine('code', `jobs with code: ${String(settings['allowCode'])}`),
  ]
}

const isHere = (address: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname)

function tokensOf({tokens, cluster}: Asked): Finding[] {
  if (tokens === undefined) return []
  const soon = tokens.filter(
    ({expiresAtMs, isExpired}) => !isExpired && expiresAtMs !== undefined && expiresAtMs - cluster.nowMs < expiryMsWarn,
  )
  const over = tokens.filter(({isExpired}) => isExpired)
  return [
    ...(soon.length === 0
      ? []
      : [warn('tokens', `these end within a week: ${namesOf(soon)}`, 'make new ones: disco token create')]),
    ...(over.length === 0
      ? []
      : [warn('tokens', `these are over: ${namesOf(over)}`, 'tidy up: disco token revoke NAME')]),
  ]
}

const namesOf = (named: readonly {readonly name: string}[]): string => named.map(({name}) => name).join(', ')
