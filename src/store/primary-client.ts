import type { EventEmitter } from 'node:events';
import pg from 'pg';
import type { Primary, Server } from './primary.js';

const READ_ONLY = '25006';

type Config = ConstructorParameters<typeof pg.Client>[0];

/** A class of clients for a pool, each of which connects to whoever is the primary at that moment. */
export function clientsOf(primary: Primary, open: Set<{ readonly server: Server | null; end(): Promise<void> }>) {
  return class PrimaryClient extends pg.Client {
    server: Server | null = null;

    constructor(config?: Config) {
      super(config);
      open.add(this);
      this.once('end', () => open.delete(this));
      this.on('error', () => this.doubt());
      messagesOf(this).on('errorMessage', ({ code }: { code?: string }) => {
        if (code === READ_ONLY) this.leave();
      });
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
      const connected = this.connectToPrimary();
      if (callback === undefined) return connected;
      connected.then(() => (callback as () => void)(), callback);
    }

    private async connectToPrimary(): Promise<pg.Client> {
      try {
        this.server = await primary.find();
        const { host, port } = this.server;
        Object.assign(this, { host, port });
        return await super.connect();
      } catch (error) {
        open.delete(this);
        this.doubt();
        throw error;
      }
    }

    private doubt(): void {
      if (this.server !== null) primary.doubt(this.server);
    }

    /** Once the statement has been told of its error: no pool keeps a client that ends. */
    private leave(): void {
      this.doubt();
      setImmediate(() => void this.end().catch(() => undefined));
    }
  };
}

/** What the server says, message by message; pg keeps it in a member that its types leave out. */
const messagesOf = (client: pg.Client) => (client as unknown as { connection: EventEmitter }).connection;
