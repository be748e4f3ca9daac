// Opens the embedded ledger of a directory, accepts one message and stays until it is killed.
import { v7 as uuid } from 'uuid';
import { openStore } from '../../dist/store/open-store.js';

const store = await openStore({ databaseUrl: null, dataDir: process.argv[2], owner: 'holder' });
const id = uuid();
await store.messages.accept({
  message: {
    id,
    messageId: id,
    correlationId: id,
    relatesTo: null,
    sender: { participant: 'c_i804', system: 'anagrafe' },
    service: 'variazione-anagrafica',
    version: 1,
    operation: 'notificaVariazione',
    profile: 'one-way',
    protocol: 'rest',
    format: 'json',
    headers: {},
    digest: 'd',
    size: 2,
    acceptedAt: new Date(),
  },
  content: Buffer.from('{}'),
  deliveries: [],
  stations: [],
});
process.send(id);
setInterval(() => undefined, 60_000);
