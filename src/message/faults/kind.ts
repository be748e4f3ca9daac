/** Who has to act: the sender, the receiver or those who run the gateway. */
export type Blame = 'sender' | 'receiver' | 'gateway';

export interface FaultKind {
  readonly blame: Blame;
  /** True where the same message may succeed later, unchanged. */
  readonly retryable: boolean;
  /** HTTP status of a REST refusal (RFC 9110); null where the fault never answers a request. */
  readonly http: number | null;
  /** SOAP fault code where it is not the one that `blame` gives (SOAP 1.1 §4.4.1, SOAP 1.2 Part 1 §5.4.6). */
  readonly soap?: 'VersionMismatch' | 'MustUnderstand';
  readonly it: string;
  readonly en: string;
  /** What the reader of docs/faults.md should do. */
  readonly remedy: string;
}

export const sender = (http: number, it: string, en: string, remedy: string): FaultKind => ({
  blame: 'sender',
  retryable: false,
  http,
  it,
  en,
  remedy,
});
export const gateway = (http: number, it: string, en: string, remedy: string): FaultKind => ({
  blame: 'gateway',
  retryable: true,
  http,
  it,
  en,
  remedy,
});
/** Of a delivery it answers nobody; of a query it answers who asks. */
export const receiver = (
  http: number | null,
  retryable: boolean,
  it: string,
  en: string,
  remedy: string,
): FaultKind => ({
  blame: 'receiver',
  retryable,
  http,
  it,
  en,
  remedy,
});
