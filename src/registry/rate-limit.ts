/** How much may come: so many a minute, so many of them at once. */
export interface RateLimit {
  readonly perMinute?: number;
  /** Default: all of a minute. */
  readonly burst?: number;
}

/** Messages and questions that are authorised, over all systems of a body; days and months of UTC. */
export interface Quotas {
  readonly messagesPerDay?: number;
  readonly messagesPerMonth?: number;
  readonly bytesPerDay?: number;
  readonly bytesPerMonth?: number;
}
