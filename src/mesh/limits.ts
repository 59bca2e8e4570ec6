/** Limits of links and membership, with units and reasons. */
import type {MeshTimings} from '../protocol/index.ts'

/** A ping every 5 s costs nothing; three missed ones close a link; a node that nobody hears for 30 s is lost. */
export const timingsDefault: MeshTimings = {
  heartbeatMs: 5_000,
  lostAfterMs: 30_000,
  tombstoneMs: 30 * 24 * 3_600_000,
}

/** Pings that may stay without an answer. One can be lost to a busy moment, three are a pattern. */
export const missedHeartbeatsMax = 3

/** Members asked to look for a silent one. More do not make it more certain. */
export const probersMax = 3

/** A node's clock may have gone back by so much without anyone minding. Milliseconds: a time zone mistake. */
export const clockSlackMs = 24 * 3_600_000

/** From dialling to the end of the handshake, milliseconds. A stopped process accepts connections and says nothing. */
export const handshakeMs = 10_000

/** For a request that says nothing else, milliseconds. */
export const deadlineDefaultMs = 10_000

/** Requests under way on one link, of one side. Further ones wait. With full frames as replies that is 128 MiB. */
export const inFlightMax = 128

/** Requests accepted on one link at once: twice what a well-behaved peer has under way. More cut the link. */
export const inboundMax = 2 * inFlightMax

/** Requests and notices wait while so many bytes of a link are unsent. */
export const queuedBytesHigh = 4 << 20

/** Replies do not wait, as two sides that wait for each other would for ever; past so many bytes the link is cut. */
export const queuedBytesMax = 128 << 20

/** Requests and notices that wait on one link. More are refused as OVERLOADED. */
export const waitingMax = 10_000

/** Messages that are not understood on one link before it is cut: a peer of another version sends a few. */
export const badFramesMax = 100

/** Texts that arrive before anyone listens, per channel. A handshake has one or two. */
export const earlyTextsMax = 256

/** How long a closing link waits for the other side's goodbye, milliseconds. */
export const goodbyeMs = 1_000

/** Between two attempts to dial, milliseconds: at first, and at most. Doubled each time, half of it random. */
export const redialFirstMs = 100
export const redialMaxMs = 10_000

/** A link to a peer without requests is closed after this, milliseconds. */
export const peerIdleMs = 60_000

/** Links that ended as soon as they were up count as failures to dial, up to so many: 1.6 s between two. */
export const shortLinkFailuresMax = 4

/** How often an agent is told to note that it is in contact, milliseconds. Tombstones are kept for days. */
export const contactNoteMs = 60_000
