import { Fault } from '../message/fault.js';
import type { Validated } from '../policy/stages.js';
import { createAccept } from './accept.js';

describe('accepting', () => {
  it('4: refuses at once while the ledger is known to be away', async () => {
    const away = new Fault('store-unavailable', { detail: 'away' });
    const accept = createAccept(
      () => Promise.reject(new Error('it was tried')),
      () => away,
    );
    await expect(accept({} as Validated)).rejects.toBe(away);
  });
});
