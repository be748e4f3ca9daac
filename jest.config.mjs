const transform = {
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/dist-defect'],
};

/** One project a tier; `scripts/verify.mjs` runs them in this order. */
export default {
  projects: [
    { ...transform, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/faults/**/*.spec.ts'] },
    { ...transform, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/**/*.int-spec.ts'] },
    { ...transform, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.int-spec.ts'] },
    { ...transform, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.e2e-spec.ts'] },
    { ...transform, displayName: 'console', testMatch: ['<rootDir>/test/console/**/*.console-spec.ts'] },
    { ...transform, displayName: 'faults', testMatch: ['<rootDir>/test/faults/**/*.fault-spec.ts'] },
  ],
};
