import { freePort } from '../support/ports.js';
import { jobFor, messageIn, systemAt } from './channels-exchange.js';
import { push, open, fixed } from './channels-here.js';

describe('receivers in trouble', () => {
  const toRest = (url: string, timeoutMs = 300) =>
    push.deliver(jobFor(systemAt(url, { channel: 'push-rest', timeoutMs }), messageIn('rest')));

  it('6: one that never answers is let go at its time limit', async () => {
    const receiver = await open(() => undefined);
    const result = await toRest(receiver.url);
    expect(result).toMatchObject({ outcome: 'retry', fault: { code: 'receiver-timeout', retryable: true } });
    expect(result.attempt).toMatchObject({ status: null, response: null });
    expect(result.attempt.duration).toBeGreaterThanOrEqual(295);
    expect(result.attempt.duration).toBeLessThan(3_000);
  });

  it('6: one that drips its answer is held to the same limit', async () => {
    const receiver = await open((reply) => {
      reply.writeHead(200);
      const drip = setInterval(() => reply.write('.'), 20);
      reply.on('close', () => clearInterval(drip));
    });
    expect((await toRest(receiver.url)).fault?.code).toBe('receiver-timeout');
  });

  it('6: one that answers without end is cut off, and has the message', async () => {
    let cut: () => void;
    const connectionClosed = new Promise<void>((resolveCut) => (cut = resolveCut));
    const receiver = await open((reply) => {
      const fill = () => {
        while (!reply.destroyed && reply.write('x'.repeat(16_384)));
      };
      reply.writeHead(200, { 'content-type': 'text/plain' });
      reply.on('drain', fill).on('close', cut);
      fill();
    });
    const result = await toRest(receiver.url, 5_000);
    expect(result.outcome).toBe('delivered');
    expect(result.attempt.response).toBe('x'.repeat(4_096));
    await connectionClosed;
  });

  it('6: one that resets the connection fails as receiver-error', async () => {
    const receiver = await open((_, request) => void request.socket.resetAndDestroy());
    expect(await toRest(receiver.url)).toMatchObject({ outcome: 'retry', fault: { code: 'receiver-error' } });
  });

  it('6: one that breaks off in the middle of its answer fails as receiver-error', async () => {
    const receiver = await open((reply, request) => {
      reply.writeHead(200, { 'content-length': '100' });
      reply.write('half', () => request.socket.resetAndDestroy());
    });
    expect(await toRest(receiver.url)).toMatchObject({ outcome: 'retry', fault: { code: 'receiver-error' } });
  });

  it('6: one that speaks no HTTP fails as receiver-error', async () => {
    const receiver = await open((_, request) => void request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await toRest(receiver.url)).toMatchObject({ outcome: 'retry', fault: { code: 'receiver-error' } });
  });

  it.each([
    ['a closed port', async () => `http://127.0.0.1:${await freePort()}/`, 'nobody listens there'],
    ['an unknown name', async () => 'http://ente.invalid/', /its name (is not known|could not be looked up)/],
  ])('6: %s is receiver-unreachable, without its address', async (_, url, code) => {
    const result = await toRest(await url(), 4_000);
    expect(result).toMatchObject({ outcome: 'retry', fault: { code: 'receiver-unreachable' } });
    expect(result.fault?.detail).toMatch(code);
    expect(result.fault?.detail).not.toContain('127.0.0.1');
  });

  it('6: one system that hangs does not hold up another', async () => {
    const hanging = await open(() => undefined);
    const quick = await fixed(200);
    const stuck = Array.from({ length: 200 }, () => toRest(hanging.url, 1_500));
    const result = await toRest(quick.url, 5_000);
    expect(result.outcome).toBe('delivered');
    expect(result.attempt.duration).toBeLessThan(1_400);
    expect(new Set((await Promise.all(stuck)).map(({ fault }) => fault?.code))).toEqual(new Set(['receiver-timeout']));
  });

  it('8: connections are kept alive', async () => {
    const receiver = await fixed(200, {}, 'ok');
    for (let count = 0; count < 20; count++) await toRest(receiver.url, 5_000);
    expect(receiver.requests).toHaveLength(20);
    expect(receiver.callers.size).toBeLessThanOrEqual(2);
  });
});
