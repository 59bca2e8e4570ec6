/** How long one attempt to send may take. Milliseconds. */
export const sendMsMax = 10_000

/** Pauses before a second and a third attempt. Milliseconds. */
export const resendAfterMs: readonly number[] = [1000, 5000]

/** Notices that wait to be sent; more mean that nothing gets out, and the log has them all. */
export const waitingMax = 1000

/** PagerDuty cuts summaries there. */
export const summaryCharsMax = 1024
