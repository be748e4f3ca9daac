import { connect, type ChannelModel } from 'amqplib';
import { setTimeout as pause } from 'node:timers/promises';
import { type Listeners, reasonOf } from '../listeners.js';
import { backOff, hold } from '../rejections.js';

const CONNECT_LIMIT_MS = 5_000;
const HEARTBEAT_SECONDS = 10;
const CLOSE_LIMIT_MS = 1_000;
/** A connection that ends sooner counts as a failure: the next one is not tried at once. */
const STABLE_AFTER_MS = 1_000;
const MAX_RECONNECT_MS = 2_000;

interface LinkParts {
  /** `consume` or `publish`: RabbitMQ stops reading a connection that publishes while an alarm is on. */
  readonly name: string;
  readonly urls: readonly string[];
  readonly owner: string;
  readonly listeners: Listeners;
  /** Makes a fresh connection ready; where it rejects the connection is dropped and another is tried. */
  readonly open: (model: ChannelModel) => Promise<void>;
  /** Called once for each connection that is not used any more, also where `open` had not ended. */
  readonly lost: () => void;
}

/** A connection that comes back: to the next host, after a jittered back-off, for ever. */
export class Link {
  private model: ChannelModel | null = null;
  private readonly ended = new AbortController();
  /** Processes begin at different hosts, so that not all of them meet at the first one. */
  private turn: number;
  private failures = 0;
  private resolveGone: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();
  blocked: string | null = null;
  isOpen = false;

  constructor(private readonly parts: LinkParts) {
    this.turn = Math.floor(Math.random() * parts.urls.length);
  }

  /** Resolves when the first attempt has ended, well or not. */
  async start(): Promise<void> {
    await new Promise<void>((attempted) => {
      this.loop = this.run(attempted);
    });
  }

  /** Leaves the connection, where it is still the one in use, for a new one to the next host, without back-off. */
  recycle(model: ChannelModel | null = this.model): void {
    if (model !== null) this.leave(model, 'recycled');
  }

  async close(): Promise<void> {
    this.ended.abort();
    const model = this.model;
    if (model !== null) {
      this.forget(model);
      await drop(model);
    }
    await this.loop;
  }

  private async run(attempted: () => void): Promise<void> {
    while (!this.ended.signal.aborted) {
      const begun = Date.now();
      const opened = await this.attempt();
      attempted();
      await opened?.gone;
      if (opened !== null && Date.now() - begun > STABLE_AFTER_MS) this.failures = 0;
      else await hold(Math.min(backOff((this.failures += 1)), MAX_RECONNECT_MS), this.ended.signal);
    }
  }

  /** Null where the connection could not be opened, else the promise of its end. */
  private async attempt(): Promise<{ readonly gone: Promise<void> } | null> {
    const url = this.parts.urls[this.turn++ % this.parts.urls.length]!;
    const host = new URL(url).host;
    let model: ChannelModel | null = null;
    try {
      model = await connect(withHeartbeat(url), this.socketOptions());
      gather(socketOf(model));
      this.ended.signal.throwIfAborted();
      const gone = this.watch(model, host);
      await within(this.parts.open(model), gone);
      this.isOpen = true;
      this.parts.listeners.emit('connected', { link: this.parts.name, host });
      return { gone };
    } catch (error) {
      this.parts.listeners.emit('disconnected', { link: this.parts.name, host, reason: reasonOf(error) });
      if (model !== null) this.abandon(model);
      return null;
    }
  }

  private socketOptions() {
    const clientProperties = { connection_name: `crocevia ${this.parts.owner} ${this.parts.name}` };
    // Without noDelay each awaited confirm takes 43 ms (Nagle and delayed acknowledgement).
    return { noDelay: true, keepAlive: true, timeout: CONNECT_LIMIT_MS, clientProperties };
  }

  private watch(model: ChannelModel, host: string): Promise<void> {
    this.model = model;
    this.blocked = null;
    model.on('blocked', (reason) => this.setBlocked(model, reason));
    model.on('unblocked', () => this.setBlocked(model, null));
    // amqplib emits `close` after it; without a listener the process would end.
    model.on('error', (error) => this.leave(model, `${host}: ${error.message}`));
    return new Promise((resolve) => {
      this.resolveGone = resolve;
      model.on('close', () => this.leave(model, `${host}: closed`));
    });
  }

  private setBlocked(model: ChannelModel, reason: string | null): void {
    if (model !== this.model) return;
    this.blocked = reason;
    if (reason === null) this.parts.listeners.emit('unblocked');
    else this.parts.listeners.emit('blocked', { reason });
  }

  private leave(model: ChannelModel, reason: string): void {
    if (model !== this.model) return;
    if (this.isOpen) this.parts.listeners.emit('disconnected', { link: this.parts.name, host: null, reason });
    this.abandon(model);
  }

  private abandon(model: ChannelModel): void {
    this.forget(model);
    void drop(model);
  }

  private forget(model: ChannelModel): void {
    if (model !== this.model) return;
    this.model = null;
    this.isOpen = false;
    this.blocked = null;
    this.parts.lost();
    this.resolveGone();
  }
}

function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return address.toString();
}

/** Rejects where the connection ends first: its channels then answer nothing. */
async function within(work: Promise<void>, gone: Promise<void>): Promise<void> {
  const lost = gone.then(() => Promise.reject(new Error('the connection was lost')));
  lost.catch(() => undefined);
  await Promise.race([work, lost]);
}

/** Closes politely where the broker answers, else ends the socket: a frozen broker never confirms a close. */
async function drop(model: ChannelModel): Promise<void> {
  // One that was given up before it was watched has no listener, and the process would end.
  model.on('error', () => undefined);
  const polite = model.close().catch(() => undefined);
  const given = new AbortController();
  const late = pause(CLOSE_LIMIT_MS, 'late' as const, { signal: given.signal }).catch(() => 'early' as const);
  if ((await Promise.race([polite, late])) === 'late') socketOf(model)?.destroy(new Error('closed'));
  given.abort();
}

interface Socket {
  write: (bytes: Uint8Array) => boolean;
  cork(): void;
  uncork(): void;
  destroy(error: Error): void;
}

/** amqplib keeps the socket of a connection in `stream`, which its types leave out. */
function socketOf(model: ChannelModel): Socket | undefined {
  return (model.connection as { stream?: Socket }).stream;
}

/** amqplib writes each frame alone, two for a message of 2 KiB: those of one turn of the event loop leave in one system call. */
function gather(socket: Socket | undefined): void {
  if (!socket) return;
  const write = socket.write.bind(socket);
  let isGathering = false;
  socket.write = (bytes) => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      process.nextTick(() => {
        isGathering = false;
        socket.uncork();
      });
    }
    return write(bytes);
  };
}
