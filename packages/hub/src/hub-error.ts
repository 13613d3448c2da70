export type HubErrorReason = 'unknown' | 'forbidden' | 'refused' | 'offline' | 'network' | 'corrupt';

/** What the hub did not give. The message says what was asked for and what can be done; it never holds a token. */
export class HubError extends Error {
  override readonly name = 'HubError';
  constructor(
    /**
     * `unknown`: no such repository, revision or file; `forbidden`: gated or private; `refused`: not what the hub takes;
     * `offline`: not in the cache while the network is not to be used; `network`: no answer; `corrupt`: other bytes than
     * promised.
     */
    readonly reason: HubErrorReason,
    message: string,
  ) {
    super(message);
  }
}
