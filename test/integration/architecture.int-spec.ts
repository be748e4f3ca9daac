import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Rule -> a file that breaks it. The files are planted in src/, looked at once, and removed. */
const VIOLATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-cycles': {
    'src/trace/planted-a.ts': `import './planted-b.js'; export {};`,
    'src/trace/planted-b.ts': `import './planted-a.js'; export {};`,
  },
  'message-imports-nothing-of-ours': { 'src/message/planted-ours.ts': `import '../registry/model.js';` },
  'message-imports-no-library': { 'src/message/planted-library.ts': `import 'ajv';` },
  'protocols-know-only-message-and-xml': { 'src/protocol/planted-known.ts': `import '../registry/model.js';` },
  'no-protocol-imports-another': {
    'src/protocol/soap/planted-other.ts': `import '../rest/planted-target.js';`,
    'src/protocol/rest/planted-target.ts': `export {};`,
  },
  'flow-imports-no-framework': { 'src/policy/planted-framework.ts': `import '@nestjs/common';` },
  'flow-imports-no-adapter': { 'src/delivery/planted-adapter.ts': `import '../ingress/address.js';` },
  'libxml2-only-in-protocol-xml': { 'src/registry/planted-libxml2.ts': `import 'libxml2-wasm';` },
  'amqplib-only-in-broker': { 'src/ingress/planted-amqplib.ts': `import 'amqplib';` },
  'agents-only-in-outbound': { 'src/query/planted-agent.ts': `import { Agent } from 'undici'; export { Agent };` },
  'typeorm-only-in-store': { 'src/admin/planted-typeorm.ts': `import 'typeorm';` },
  'adapters-never-import-each-other': { 'src/admin/planted-ingress.ts': `import '../ingress/address.js';` },
  'entities-stay-in-store': { 'src/gateway-planted-entity.ts': `import './store/entities/message.js';` },
  'only-main-and-module-import-the-map': { 'src/admin/planted-map.ts': `import '../gateway.js';` },
  'interface-knows-no-other-room': {
    'src/registry/interface/planted-room.ts': `import '../documents/registry-schema.js';`,
  },
  'documents-know-only-interface': { 'src/registry/documents/planted-room.ts': `import '../bundle/bundle.js';` },
  'upper-rooms-of-the-registry-meet-in-publish': {
    'src/registry/bundle/planted-room.ts': `import '../directory/publication.js';`,
  },
  'cli-talks-over-http-only': { 'src/cli/planted-store.ts': `import '../store/open-store.js';` },
};

interface Cruise {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(): Cruise {
  const { stdout, stderr } = spawnSync(
    'npx',
    ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Cruise;
}

describe('1: architecture', () => {
  const planted = Object.values(VIOLATIONS).flatMap((files) => Object.entries(files));
  let found: Cruise['summary']['violations'];

  beforeAll(() => {
    try {
      for (const [file, text] of planted) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      found = cruise().summary.violations;
    } finally {
      for (const [file] of planted) rmSync(file, { force: true });
    }
  }, 120_000);

  it.each(Object.keys(VIOLATIONS))('1: the rule %s fires on a planted violation', (rule) => {
    const files = Object.keys(VIOLATIONS[rule] ?? {});
    expect(found.filter(({ from, rule: { name } }) => name === rule && files.includes(from))).not.toHaveLength(0);
  });

  it('1: the tree itself breaks no rule', () => {
    expect(found.filter(({ from }) => !planted.some(([file]) => file === from))).toEqual([]);
  });
});
