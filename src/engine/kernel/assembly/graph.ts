/**
 * What comes next in a line, learned from the lines before.
 *
 * A node stands for "just behind the value of this member" (or for the beginning of a line). Its edges are the byte
 * sequences that were seen there, up to the next value: `,"domain":`, or `}` and the line end. They are tried the last used
 * first, and comparing one is all the parsing that its bytes need: an edge was parsed when it was learned, and what is a
 * well-formed step from one value to the next at one place is one at any place inside the same object.
 *
 * So a node must know in which object it is, and nothing else about it matters but speed: names that share a node, nodes
 * that are forgotten, edges that are overwritten only cost guesses. Objects on the way to a needed field are part of the
 * graph (a step may enter and leave them); all others are values.
 */
import {graphAt, graphBytes, Name, nameBytes, Plan} from './layout'
import {clearEscape, hasEscape, stringEnd} from './text'
import {afterBlanks} from './values'

@unmanaged
export class Node {
  /** First edge to try; 0: none. */
  first: u32
  context: u32
  /** Of the member's name; with the context what makes a node. */
  hash: u32
  edgeCount: u32
}
const nodeBytes: usize = 16

/** Bytes of the longest step that is remembered. */
const stepBytesMax: u32 = 64

@unmanaged
export class Edge {
  // At 0: the step's bytes, up to 64; at 64: a mask for the first 16 of them.
  private text0: u64
  private text1: u64
  private text2: u64
  private text3: u64
  private text4: u64
  private text5: u64
  private text6: u64
  private text7: u64
  private mask0: u64
  private mask1: u64
  /** Bytes of the step. */
  length: u32
  /** The next edge to try; 0: none. */
  next: u32
  /** The node behind the value; 0: the line ends here. */
  target: u32
  /** As in Name. */
  slot: u32
  allowed: u32
  /** 1: an object here is a step of its own, not a value. 2: and only the row path takes lists. */
  hasChild: u32
  /** Bits of the names in the step. */
  bits: u64
}
const edgeBytes: usize = 112
const maskOffset: usize = 64

/** Edges of a node: more are seen where names are data; there the oldest is overwritten. */
const edgesPerNodeMax: u32 = 12
const nodesMax: u32 = 1024
const tableSlots: u32 = 2048

/** Masks for the last 0..15 bytes of a step. */
const masks = memory.data(256, 16)

let plan: Plan = changetype<Plan>(0)
/** Hash table of nodes: addresses. */
let table: usize = 0
let top: usize = 0
let nodeCount: u32 = 0
/** The node where every line begins. */
export let start: Node = changetype<Node>(0)
/** An edge that is not remembered. */
let passing: Edge = changetype<Edge>(0)

/** Where the step that `learn` found ends. */
export let learnedEnd: usize = 0

/** For formats that parse their steps themselves: to be called before `remember`. */
@inline
export function setLearnedEnd(at: usize): void {
  learnedEnd = at
}

export function openGraph(image: Plan): void {
  plan = image
  for (let count: usize = 0; count < 16; count++) {
    for (let at: usize = 0; at < 16; at++) store<u8>(masks + (count << 4) + at, at < count ? 0xff : 0)
  }
  table = graphAt
  memory.fill(table, 0, tableSlots * 4)
  top = table + tableSlots * 4
  passing = changetype<Edge>(top)
  top += edgeBytes
  nodeCount = 0
  start = newNode(0, 0)
}

/** Whether the bytes at `at` are the edge's step. */
@inline
export function matches(edge: Edge, at: usize): bool {
  const address = changetype<usize>(edge)
  const first = v128.and(v128.xor(v128.load(at), v128.load(address)), v128.load(address, maskOffset))
  if (v128.any_true(first)) return false
  return edge.length <= 16 || matchesBehind(address, edge.length, at)
}

function matchesBehind(address: usize, length: u32, at: usize): bool {
  let offset: usize = 16
  while (offset + 16 <= <usize>length) {
    if (v128.any_true(v128.xor(v128.load(at + offset), v128.load(address + offset)))) return false
    offset += 16
  }
  const mask = v128.load(masks + ((<usize>length & 15) << 4))
  return !v128.any_true(v128.and(v128.xor(v128.load(at + offset), v128.load(address + offset)), mask))
}

/** Puts an edge that was right although it was not the first guess in front. */
export function moveToFront(node: Node, edge: Edge): void {
  const address = <u32>changetype<usize>(edge)
  let before = changetype<Edge>(node.first)
  while (before.next != address) before = changetype<Edge>(before.next)
  before.next = edge.next
  edge.next = node.first
  node.first = address
}

const inObject = 0
const behindComma = 1
const behindValue = 2

/**
 * Parses the step at `from`, and remembers it.
 *
 * Returns 0 when the line has to go to the row path. Sets learnedEnd.
 */
export function learn(node: Node, from: usize): Edge {
  const none = changetype<Edge>(0)
  let at = from
  let context = node.context
  let bits: u64 = 0
  let state = behindValue
  if (node == start) {
    if (load<u8>(at) != 0x7b) return none
    at++
    state = inObject
  }
  while (true) {
    at = afterBlanks(at)
    const byte = <u32>load<u8>(at)
    if (byte == 0x7d && state != behindComma) {
      at++
      if (context == 0) {
        at = afterBlanks(at)
        if (load<u8>(at) != 0x0a) return none
        learnedEnd = at + 1
        return remember(node, from, 0, bits)
      }
      context = parentOf(context)
      state = behindValue
    } else if (state == behindValue) {
      if (byte != 0x2c) return none
      at++
      state = behindComma
    } else {
      if (byte != 0x22) return none
      const nameAt = at + 1
      clearEscape()
      at = stringEnd(nameAt)
      if (at == 0 || hasEscape) return none
      const nameLength = <u32>(at - nameAt)
      at = afterBlanks(at + 1)
      if (load<u8>(at) != 0x3a) return none
      at = afterBlanks(at + 1)
      const name = nameOf(context, nameAt, nameLength)
      if (name != changetype<Name>(0)) {
        if (name.isRefused != 0 || (bits & name.bits) != 0) return none
        bits |= name.bits
        if (name.child != 0 && load<u8>(at) == 0x7b) {
          // Needed as a whole too.
          if (name.slot != 0) return none
          if (name.objectBit != 0) bits |= <u64>1 << (name.objectBit - 1)
          context = name.child
          at++
          state = inObject
          continue
        }
      }
      learnedEnd = at
      const edge = remember(node, from, nodeOf(context, nameAt, nameLength), bits)
      if (name != changetype<Name>(0)) {
        edge.slot = name.slot
        edge.allowed = name.allowed
        edge.hasChild = name.child == 0 ? 0 : name.objectBit == 0 ? 1 : 2
      }
      return edge
    }
  }
}

export function nameOf(context: u32, at: usize, length: u32): Name {
  let address = <usize>plan.names
  for (let index: u32 = 0; index < plan.nameCount; index++) {
    const name = changetype<Name>(address)
    if (name.context == context && name.nameLength == length && memory.compare(at, name.nameAt, length) == 0) return name
    address += nameBytes
  }
  return changetype<Name>(0)
}

function parentOf(context: u32): u32 {
  let address = <usize>plan.names
  for (let index: u32 = 0; index < plan.nameCount; index++) {
    const name = changetype<Name>(address)
    if (name.child == context) return name.context
    address += nameBytes
  }
  return 0
}

export function remember(node: Node, from: usize, target: u32, bits: u64): Edge {
  const none = changetype<Edge>(0)
  const length = <u32>(learnedEnd - from)
  let edge = length <= stepBytesMax ? newEdge(node) : none
  const isKept = edge != none
  if (!isKept) edge = passing
  const address = changetype<usize>(edge)
  edge.length = length
  edge.target = target
  edge.slot = 0
  edge.allowed = 0
  edge.hasChild = 0
  edge.bits = bits
  if (isKept) {
    memory.copy(address, from, length)
    const mask = length >= 16 ? i8x16.splat(-1) : v128.load(masks + (<usize>length << 4))
    v128.store(address, mask, maskOffset)
    edge.next = node.first
    node.first = <u32>address
  }
  return edge
}

/** An edge that is in no list; 0 when there is no room. */
function newEdge(node: Node): Edge {
  if (node.edgeCount < edgesPerNodeMax && top + edgeBytes <= graphAt + graphBytes - nodesReserve) {
    node.edgeCount++
    const edge = changetype<Edge>(top)
    top += edgeBytes
    return edge
  }
  if (node.first == 0) return changetype<Edge>(0)
  // Takes the last one out.
  let before = changetype<Edge>(0)
  let last = changetype<Edge>(node.first)
  while (last.next != 0) {
    before = last
    last = changetype<Edge>(last.next)
  }
  if (before == changetype<Edge>(0)) node.first = 0
  else before.next = 0
  return last
}

/** The node of a member; one for all names of the object when there are too many. */
export function nodeOf(context: u32, nameAt: usize, nameLength: u32): u32 {
  let hash: u32 = context * 0x9e3779b1 + 1
  for (let index: usize = 0; index < <usize>nameLength; index++) hash = (hash ^ load<u8>(nameAt + index)) * 0x01000193
  return findNode(context, hash | 1)
}

function findNode(context: u32, hash: u32): u32 {
  let at = (hash ^ (hash >>> 15)) & (tableSlots - 1)
  while (true) {
    const address = load<u32>(table + (<usize>at << 2))
    if (address == 0) break
    const node = changetype<Node>(address)
    if (node.hash == hash && node.context == context) return address
    at = (at + 1) & (tableSlots - 1)
  }
  // The nodes for names without one have even hashes; there is room left for them.
  if ((hash & 1) != 0 && (nodeCount >= nodesMax || top + nodeBytes > graphAt + graphBytes - nodesReserve)) {
    return findNode(context, context << 1)
  }
  const node = newNode(context, hash)
  store<u32>(table + (<usize>at << 2), <u32>changetype<usize>(node))
  return <u32>changetype<usize>(node)
}

/** Bytes kept back for the shared nodes of all contexts. */
const nodesReserve: usize = 128 * 16

function newNode(context: u32, hash: u32): Node {
  const node = changetype<Node>(top)
  top += nodeBytes
  node.first = 0
  node.context = context
  node.hash = hash
  node.edgeCount = 0
  nodeCount++
  return node
}
