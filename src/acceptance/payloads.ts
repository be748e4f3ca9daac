/**
 * Where contents lie that are too large to be held: bytes under an id, written once. Every adapter passes
 * test/conformance/payloads.int-spec.ts.
 */
export interface PayloadStore {
  /**
   * Takes the source at its own pace and resolves once all of it is durable. Rejects with what the source threw, or Fault
   * store-unavailable; what is half written then stays until `remove`.
   */
  write(id: string, source: AsyncIterable<Buffer>): Promise<void>;
  /** The bytes from `from` up to `to`, excluded. Throws Fault store-unavailable, also for what is not there. */
  read(id: string, from: number, to: number): AsyncIterable<Buffer>;
  /** What is half written too; nothing where there is nothing. Throws Fault store-unavailable. */
  remove(id: string): Promise<void>;
}

/**
 * Which payloads there are: a row before the first byte, so that none can be lost sight of. Acceptance gives a payload to
 * its message; one without a message is its uploader's while the lease lasts, and an orphan after it. Throws Fault
 * store-unavailable.
 */
export interface PayloadLedger {
  /** `sealFor`: the participant under whose key it will be encrypted; absent or null: it is kept as it is. */
  begin(id: string, leaseMs: number, sealFor?: string | null): Promise<void>;
  /** Id of the data key under which it was begun; null where it is kept as it is. */
  sealedBy(id: string): Promise<string | null>;
  /** False where the lease is lost. */
  renew(id: string, leaseMs: number): Promise<boolean>;
  /** True where it belongs to no message, and from now on never will: its bytes are to be removed, then it is forgotten. */
  condemn(id: string): Promise<boolean>;
  /** Condemns orphans; what was condemned and never forgotten is listed again after a minute. */
  condemnOrphans(limit: number): Promise<readonly string[]>;
  forget(id: string): Promise<void>;
}
