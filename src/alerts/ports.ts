import type { AlertRule, RuleKind, Severity } from './rules.js';

/** One receiving system: what waits for it, and what became of what ended in the window. */
export interface SystemFacts {
  readonly system: string;
  readonly participant: string;
  readonly open: number;
  /** Seconds. */
  readonly oldest: number;
  readonly ended: number;
  readonly failed: number;
  /** Seconds from acceptance, of the delivered; null: none was. */
  readonly p95: number | null;
  /** Minutes for which it is spared; null: it is not. */
  readonly spared: number | null;
}

/** What rules are held against. */
export interface Facts {
  readonly systems: readonly SystemFacts[];
  /** Bodies that have sent messages, and minutes since the last one. */
  readonly senders: readonly { readonly participant: string; readonly minutes: number }[];
  readonly certificates: readonly { readonly name: string; readonly days: number }[];
  readonly disks: readonly { readonly name: string; readonly freePercent: number }[];
  /** What a restore would begin with, and how old it is. */
  readonly backups: readonly { readonly name: string; readonly days: number }[];
}

/** A rule that is broken by one thing. */
export interface Finding {
  /** Names rule and thing: there is one open incident for each. */
  readonly cause: string;
  readonly rule: string;
  readonly kind: RuleKind;
  readonly severity: Severity;
  /** System, body, certificate or place. */
  readonly subject: string;
  /** IPA codes of whom it concerns; null: the platform. */
  readonly participants: readonly string[] | null;
  readonly value: number;
  readonly threshold: number;
}

export type IncidentState = 'open' | 'acknowledged' | 'silenced' | 'resolved';

export interface Incident extends Finding {
  /** UUIDv7. */
  readonly id: string;
  readonly state: IncidentState;
  readonly openedAt: Date;
  /** When it was last found. */
  readonly seenAt: Date;
  readonly silencedUntil: Date | null;
  readonly resolvedAt: Date | null;
  /** Id of the operator who has acknowledged or silenced it last, and why. */
  readonly by: string | null;
  readonly reason: string | null;
}

export interface IncidentFilter {
  readonly state?: IncidentState;
  readonly severity?: Severity;
  /** Only those that concern one of these bodies; left out: all, those of the platform included. */
  readonly concerning?: readonly string[];
}

/** What is to be told of an incident. */
export interface News {
  readonly incident: Incident;
  readonly what: 'open' | 'resolved';
}

/** Rules and incidents, of all nodes. Throws Fault store-unavailable. */
export interface AlertStore {
  /** Those that differ from the defaults. */
  rules(): Promise<readonly AlertRule[]>;
  putRule(rule: AlertRule): Promise<void>;
  /** False: there was none. */
  removeRule(id: string): Promise<boolean>;
  /** What has ended is counted (statistics; tests are not), what is open looked at: at most 100,000. */
  facts(windowMinutes: number): Promise<Pick<Facts, 'systems' | 'senders'>>;
  /** Opens what is found and was not open, notes what is, and resolves what was not found for `clearMs`. */
  record(findings: readonly Finding[], clearMs: number): Promise<void>;
  /** What nobody was told yet; of what is silenced nothing, and nothing of what was over before it was told. */
  news(limit: number): Promise<readonly News[]>;
  told(news: readonly News[]): Promise<void>;
  /** Newest first; `before` is the id of the last one seen. */
  list(
    filter: IncidentFilter,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Incident[]>;
  find(id: string): Promise<Incident | null>;
  /** False where it is resolved. */
  acknowledge(id: string, operator: string, reason: string | null): Promise<boolean>;
  silence(id: string, operator: string, until: Date, reason: string | null): Promise<boolean>;
}

/** One grouped message of an alert channel. */
export interface Notice {
  readonly subject: string;
  readonly text: string;
  readonly news: readonly News[];
}

/** A way to people or to another system; rejects where the notice was not taken. */
export interface NoticeChannel {
  readonly name: 'mail' | 'webhook';
  send(notice: Notice): Promise<void>;
  close(): Promise<void>;
}
