import type { Service } from '../registry/model.js';
import { announced } from './announce.js';
import { resolve } from './resolve.js';
import { service, agreement, registryOver, decoded } from '../../test/support/policy-parts.js';

describe('a service version', () => {
  const over = (status: Service['status'], more: Partial<Service> = {}) =>
    registryOver({ ...service, status, ...more }, [agreement('alfa')]);

  it.each([
    ['draft', 'service-unknown'],
    ['retired', 'service-retired'],
  ] as const)('3: that is a %s cannot be called', (status, code) => {
    expect(() => resolve(decoded(), over(status))).toThrow(expect.objectContaining({ code }));
  });

  it('3: that is deprecated can be called, and every answer says since when and until when', () => {
    const dates = { deprecated: new Date('2026-11-01T00:00:00Z'), sunset: new Date('2027-06-30T22:00:00Z') };
    const { service: found } = resolve(decoded(), over('deprecated', dates));
    expect(announced({ status: 202, headers: { a: 'b' }, body: '' }, found).headers).toEqual({
      a: 'b',
      deprecation: '@1793491200',
      sunset: 'Wed, 30 Jun 2027 22:00:00 GMT',
    });
    expect(announced({ status: 202, headers: {}, body: '' }, service).headers).toEqual({});
  });
});
