import { fresh } from './fresh.js';
import { registryWith } from '../../test/support/policy-parts.js';

describe('a registry that ages', () => {
  it('4: refuses once the node could not look for 30 s', () => {
    const registry = registryWith();
    expect(fresh({ current: () => registry, age: () => 29_999 })()).toBe(registry);
    expect(() => fresh({ current: () => registry, age: () => 30_001 })()).toThrow(
      expect.objectContaining({ code: 'registry-stale' }),
    );
  });
});
