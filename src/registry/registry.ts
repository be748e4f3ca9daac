import type { Agreement, Credential, Issuer, Operator, Participant, Service, System } from './model.js';

export interface KnownCredential {
  readonly system: System;
  readonly credential: Credential;
}

export interface KnownToken {
  readonly operator: Operator;
  /** scrypt, as `crocevia hash` prints it. */
  readonly hash: string;
}

/** Who may say what to whom at one moment: immutable, in memory, looked up synchronously. */
export interface Registry {
  /** sha256 over the documents it was made from. */
  readonly revision: string;
  participant(id: string): Participant | undefined;
  participants(): readonly Participant[];
  system(id: string): System | undefined;
  systems(): readonly System[];
  service(id: string, version: number): Service | undefined;
  /** Versions of a service, ascending; empty where the service is unknown. */
  versions(service: string): readonly number[];
  services(): readonly Service[];
  /** Versions that nobody can call yet: no other look-up gives them. */
  drafts(): readonly Service[];
  /** The system by which a participant provides a service version. */
  provider(participant: string, service: string, version: number): System | undefined;
  agreements(): readonly Agreement[];
  agreement(consumer: string, provider: string, service: string, version: number): Agreement | undefined;
  /** Every agreement of the consumer that covers an operation with this CloudEvents type. */
  agreementsForEvent(consumer: string, eventType: string): readonly Agreement[];
  operator(id: string): Operator | undefined;
  /** Two at most, of one system, while one replaces the other; empty where nobody has one. */
  credentials(kind: Credential['kind'], name: string): readonly KnownCredential[];
  /** By the `iss` of its tokens. */
  issuer(iss: string): Issuer | undefined;
  /** By what the issuer of identities says of it. */
  operatorByIdentity(identity: string): Operator | undefined;
  operatorToken(id: string): KnownToken | undefined;
}

/** Where the registry comes from: files now, the database and its API later. */
export interface RegistrySource {
  /** The last good snapshot; a load that fails keeps it. */
  current(): Registry;
  /** What was wrong with the last load; empty where the snapshot is the newest. */
  problems(): readonly RegistryProblem[];
  /** Loads anew; tells the listeners and throws RegistryError and keeps the old snapshot where the documents are wrong. */
  reload(): Promise<Registry>;
  onChange(listener: (registry: Registry) => void): void;
  onProblem(listener: (error: RegistryError) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** One thing wrong in one document of the registry. */
export interface RegistryProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

export class RegistryError extends Error {
  constructor(readonly problems: readonly RegistryProblem[]) {
    super(problems.map((p) => `${p.file}:${p.line}: ${p.message} (${p.hint})`).join('\n'));
    this.name = 'RegistryError';
  }
}
