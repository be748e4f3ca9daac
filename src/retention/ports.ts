/** How long contents are kept of what one body sends another in one version of a service, both ways. */
export interface KeepRule {
  readonly consumer: string;
  readonly provider: string;
  readonly service: string;
  readonly version: number;
  /** Days after acceptance. */
  readonly days: number;
}

export interface PurgeOrder {
  /** Where no rule fits, days. Of several rules that fit a message the longest counts. */
  readonly days: number;
  readonly rules: readonly KeepRule[];
  /** Where the page before ended, as it says itself; null: from the oldest. */
  readonly after: string | null;
  /** Messages of a day that are looked at. */
  readonly limit: number;
}

/** A day whose records should go, and stay because of what is still open. */
export interface KeptDay {
  /** `20261123`, UTC. */
  readonly day: string;
  /** Deliveries, and questions, that have not ended. */
  readonly open: number;
}

/** What time does to records. Throws Fault store-unavailable. */
export interface RetentionStore {
  /**
   * Takes the contents, and what receivers answered, from messages of which nothing is open. Returns where the next page begins; null:
   * no more are old enough for any rule.
   */
  purgeContents(order: PurgeOrder): Promise<{ readonly purged: number; readonly last: string | null }>;
  /** Drops every whole day before the moment, with its ids of messages; a day with anything open stays. */
  dropDays(before: Date): Promise<{ readonly dropped: readonly string[]; readonly kept: readonly KeptDay[] }>;
  /**
   * Takes jobs that ended before the moment, with their items, and conversations that rest since the day before it, whose sender numbers
   * nothing, and of which no delivery is stored. Returns how many of each. With them go sessions that are over, and the audit before it.
   */
  dropEnded(before: Date): Promise<{ readonly jobs: number; readonly conversations: number }>;
}
