import { connect } from 'amqplib';
import { amqpSystem, grant, type AmqpSystem } from '../support/amqp-system.js';
import { idOf, statusWhen, type StatusView } from '../support/client.js';
import { startGateway } from '../support/gateway.js';
import { sendNotice } from '../support/load.js';
import { writeRegistry } from '../support/registry.js';
import { standard } from '../support/shapes.js';

const REGIONE = 'regione.anagrafe';

describe('a queue that a system reads itself, standard', () => {
  it('8: what lay in it when it was lost is put there again, but for what was acknowledged', async () => {
    const ground = await standard();
    const amqpUrl = ground.env['AMQP_URL'] as string;
    const directory = await writeRegistry({
      pratola: { channel: 'box', shape: 'original' },
      regione: { channel: 'amqp-queue', shape: 'json' },
      amqp: { regione: 'regione-mq' },
    });
    const gateway = await startGateway({ ...ground.env, CROCEVIA_REGISTRY_DIR: directory });
    const granted = await grant(gateway.url, REGIONE);
    const send = async () => {
      const id = idOf((await sendNotice(gateway.url))!);
      await statusWhen(gateway.url, id, available);
      return id;
    };
    const deliveryOf = async (system: AmqpSystem, id: string) =>
      String(
        (await system.out.next(({ properties }) => properties.headers?.['x-gateway-id'] === id)).properties.messageId,
      );

    const before = await amqpSystem(amqpUrl, granted);
    const [kept, taken] = [await send(), await send()];
    const receipt = { messageId: 'r', type: 'receipt', correlationId: await deliveryOf(before, taken) };
    const told = await before.ask(JSON.stringify({ outcome: 'delivered' }), receipt);
    expect(told.properties.headers?.['x-status']).toBe('200');
    const deliveryId = await deliveryOf(before, kept);
    const admin = await connect(amqpUrl);
    await (await admin.createChannel()).deleteQueue(`crocevia.out.${REGIONE}`);
    await admin.close();
    await before.stop();

    // Its own publish is the first that finds no queue.
    const next = await send();
    const after = await amqpSystem(amqpUrl, granted);
    expect(await deliveryOf(after, kept)).toBe(deliveryId);
    await deliveryOf(after, next);
    const again = after.out.messages.filter(({ properties }) => properties.headers?.['x-gateway-id'] === taken);
    expect(again).toEqual([]);

    await after.stop();
    expect(await gateway.stop()).toBe(0);
    await ground.stop();
  }, 120_000);
});

const available = ({ deliveries }: StatusView) => deliveries[0]?.state === 'AVAILABLE';
