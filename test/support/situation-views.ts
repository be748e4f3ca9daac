export interface Item {
  readonly kind: string;
  readonly severity: string;
  readonly entity: string | null;
  readonly system: string | null;
  readonly count: number;
  readonly about: string | null;
  readonly link: { readonly page: string; readonly filter: Readonly<Record<string, string>> };
}

export interface SituationView {
  readonly attention: readonly Item[];
  readonly totals: Readonly<Record<string, number>>;
  readonly latency: { readonly p50: number | null };
  readonly traffic: readonly { readonly at: string; readonly counts: Readonly<Record<string, number>> }[];
  readonly queues: readonly { readonly depth: number }[];
}

export interface FlowMapView {
  readonly flows: readonly {
    readonly sender: string;
    readonly receiver: string;
    readonly service: string;
    readonly count: number;
    readonly errors: number;
  }[];
  readonly left: number;
  readonly names: Readonly<Record<string, string>>;
}

export interface FlowView {
  readonly id: string;
  readonly sender: string;
  readonly receiver: string;
  readonly state: string;
  readonly inPerMinute: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly p95: number | null;
  readonly waiting: number;
  readonly dead: number;
  readonly oldestAt: string | null;
  readonly lastAt: string | null;
  readonly sparkline: readonly number[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total: number;
}

export interface QueueView {
  readonly system: string;
  readonly participant: string | null;
  readonly state: string;
  readonly available: number;
  readonly dead: number;
  readonly depth: number;
}
