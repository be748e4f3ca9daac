/** The gateway takes nothing new, by an operator's word. */
export interface Maintenance {
  /** Id of the operator who ordered it last. */
  readonly operator: string;
  readonly reason: string;
  readonly since: Date;
  /** When it ends by itself; null: an operator ends it. */
  readonly until: Date | null;
}

/** What is in force, and for how long by the clock of the database. */
export interface InForce {
  readonly maintenance: Maintenance;
  /** Milliseconds; null: no end is set. */
  readonly leftMs: number | null;
}

/** One for all nodes; that it was over at its time stands in the audit once. Throws Fault store-unavailable. */
export interface MaintenanceStore {
  /** Null: there is none, or it is over. */
  read(): Promise<InForce | null>;
  /** Begins it, or changes what is in force, whose beginning stays. */
  begin(order: Pick<Maintenance, 'operator' | 'reason' | 'until'>): Promise<InForce>;
  /** What was in force until now; null: nothing was. */
  end(): Promise<Maintenance | null>;
}
