import { createHash } from 'node:crypto';
import type { ExaminationOrder } from '../message/document.js';
import type { Decoded } from '../message/stages.js';
import type { Agreement } from '../registry/model.js';
import { authorise } from './authorise.js';
import { resolve } from './resolve.js';
import { validate } from './validate.js';
import { agreement, registryWith, decoded, event, now } from '../../test/support/policy-parts.js';

describe('validate', () => {
  const registry = registryWith(agreement('alfa'), agreement('beta'));
  const check = (examination: object, message = decoded()) => {
    const document = {
      examine: async () => ({ violations: [], truncated: false, extracted: {}, digest: 'd', ...examination }),
    };
    return validate(authorise(resolve({ ...message, document } as unknown as Decoded, registry), registry, now));
  };

  it('5: holds the names in the body against caller and receiver', async () => {
    await expect(check({ extracted: { sender: 'mittente', receiver: 'alfa' } })).resolves.toBeDefined();
    await expect(check({ extracted: { sender: 'alfa' } })).rejects.toMatchObject({ code: 'sender-mismatch' });
    await expect(check({ extracted: { receiver: 'beta' } })).rejects.toMatchObject({ code: 'receiver-mismatch' });
    await expect(check({ extracted: { receiver: 'alfa' } }, event())).rejects.toMatchObject({
      code: 'receiver-mismatch',
    });
  });

  it('tells every violation, and what is published instead of an unpublished format', async () => {
    const violation = { path: '/a', line: 3, rule: 'enum', expected: 'x', found: 'y', message: 'no' };
    await expect(check({ violations: [violation] })).rejects.toMatchObject({
      code: 'schema-violation',
      info: { place: '/a, line 3', violations: [violation] },
    });
    await expect(check({}, decoded({ format: 'xml' }))).rejects.toMatchObject({
      code: 'media-type-unsupported',
      info: { expected: 'application/json' },
    });
  });

  it('6: makes attachments part of what the same message is', async () => {
    const attachment = (text: string) => ({ contentId: 'a', contentType: 'text/plain', bytes: Buffer.from(text) });
    const digestWith = async (...texts: string[]) =>
      (await check({}, decoded({ attachments: texts.map(attachment) }))).examination.digest;
    expect(await digestWith()).toBe('d');
    expect(await digestWith('x')).toBe(await digestWith('x'));
    expect(
      new Set([await digestWith(), await digestWith('x'), await digestWith('y'), await digestWith('x', 'y')]).size,
    ).toBe(4);
  });

  it('8: digests the bytes of a question of which nothing is kept, and the payload of every other one', async () => {
    const ask = async (more: Partial<Agreement>, headers: Record<string, string> = {}) => {
      const registry = registryWith(agreement('alfa', { evidence: 'none', ...more }));
      const examine = async ({ undigested }: ExaminationOrder) => ({
        ...{ violations: [], truncated: false, extracted: {}, keys: [] },
        digest: undigested ? '' : 'd',
      });
      const question = decoded({ headers, content: Buffer.from('{}'), path: '/decesso' });
      const resolved = resolve({ ...question, document: { examine } } as unknown as Decoded, registry);
      return (await validate(authorise(resolved, registry, now))).examination.digest;
    };
    expect(await ask({})).toBe(createHash('sha256').update('{}').digest('hex'));
    expect(await ask({ evidence: 'digest' })).toBe('d');
    expect(await ask({}, { prefer: 'respond-async' })).toBe('d');
  });
});
