import type { Nodes } from './nodes.js';
import type { Random } from './random.js';
import type { Receivers } from './receivers.js';
import type { Senders } from './senders.js';
import type { Place, Servers } from './servers.js';

/** What a fault can lay its hands on. */
export interface Scene {
  readonly servers: Servers;
  readonly place: Place;
  readonly nodes: Nodes;
  readonly receivers: Receivers;
  readonly senders: Senders;
  readonly random: Random;
  /** Directory of the registry that every node follows. */
  readonly registry: string;
}

/** Milliseconds in which acceptance and delivery go on; what is held counts on top where `stops` says so. */
export interface Limits {
  readonly accept: number;
  readonly deliver: number;
  readonly stops?: boolean;
  /** Under it the p99 of acceptance stays, with the fault and after it (I10): for what acceptance does not need. */
  readonly acceptP99?: number;
}

/** Something that breaks, and is mended after a while. */
export interface Fault {
  readonly id: string;
  readonly says: string;
  /** It fills the disk of PostgreSQL, which needs a volume of its own. */
  readonly needsVolume?: boolean;
  /** It parts RabbitMQ nodes, of which there must be several. */
  readonly needsPeers?: boolean;
  readonly limits: Limits;
  /** The receivers that it may slow down: all others must be spared (I10). */
  readonly harms?: readonly string[];
  begin(scene: Scene): Promise<void>;
  /** Also called where the run ends early. */
  end(scene: Scene): Promise<void>;
}

/** The queue whose leader is meant by "the leader". */
export const QUEUE = 'crocevia.system.r_01.system';
