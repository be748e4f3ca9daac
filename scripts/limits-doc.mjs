#!/usr/bin/env node
/** Writes docs/protocols/limits-of-documents.md from the constants of the build; `--check` fails where it is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { maxHeaderSize } from 'node:http';
import { VARIABLES } from '../dist/config-variables.js';
import { MAX_RATIO } from '../dist/ingress/content.js';
import { DEFAULT_LIMITS } from '../dist/protocol/documents.js';
import { MAX_HEADER_BYTES, MAX_HEADERS, MAX_PARTS } from '../dist/protocol/mime/parts.js';
import { MAX_ATTRIBUTES } from '../dist/protocol/xml/survey.js';
import { BUNDLE_LIMITS, INTERFACE_LIMITS, TRANSFER_LIMITS } from '../dist/registry/interface/interface-limits.js';

const FILE = 'docs/protocols/limits-of-documents.md';
const bytes = (count) => (count % 1_048_576 === 0 ? `${count / 1_048_576} MiB` : `${count / 1024} KiB`);
const count = (number) => number.toLocaleString('en-US');
const whole = /default (\d+)/.exec(VARIABLES.CROCEVIA_MAX_REQUEST_BYTES)[1];
const time = /default (\d+)/.exec(VARIABLES.CROCEVIA_REQUEST_TIMEOUT_MS)[1];

const ROWS = [
  ['request', 'request line and headers together', bytes(maxHeaderSize), '431, connection closed'],
  [
    'request',
    'whole request (`CROCEVIA_MAX_REQUEST_BYTES`, and `maxBytes` of service and agreement)',
    bytes(Number(whole)),
    'too-large',
  ],
  ['request', 'time to arrive (`CROCEVIA_REQUEST_TIMEOUT_MS`)', `${time / 1000} s`, 'request-timeout'],
  ['request', 'growth of what is packed (gzip)', `${MAX_RATIO} times`, 'too-large'],
  ['XML of a message', 'DOCTYPE, entities, external anything', 'none', 'dtd-forbidden'],
  ['XML, JSON of a message', 'levels', count(DEFAULT_LIMITS.maxDepth), 'too-deep'],
  ['XML, JSON of a message', 'elements, attributes, members, items', count(DEFAULT_LIMITS.maxNodes), 'too-complex'],
  ['XML of a message', 'attributes of one element', count(MAX_ATTRIBUTES), 'too-complex'],
  ['JSON of a message', 'a name twice in one object; `__proto__`', 'none', 'not-well-formed'],
  [
    'XML, JSON of a message',
    'time to read, in a thread that is ended',
    `${DEFAULT_LIMITS.openDeadlineMs / 1000} s`,
    'too-complex',
  ],
  [
    'XML, JSON of a message',
    'time to validate, in a thread that is ended',
    `${DEFAULT_LIMITS.validateDeadlineMs / 1000} s`,
    'validation-timeout',
  ],
  ['multipart', 'parts', count(MAX_PARTS), 'mime-malformed'],
  ['multipart', 'headers of one part', `${MAX_HEADERS}, ${bytes(MAX_HEADER_BYTES)}`, 'mime-malformed'],
  ['interface, YAML or JSON', 'one document', bytes(INTERFACE_LIMITS.documentBytes), 'registry-refused'],
  ['interface, registry, YAML or JSON', 'levels', count(INTERFACE_LIMITS.documentLevels), 'registry-refused'],
  [
    'interface, registry, YAML or JSON',
    'members and items, an alias counted as what it stands for',
    count(INTERFACE_LIMITS.documentNodes),
    'registry-refused',
  ],
  ['interface, registry, YAML', 'uses of anchors', count(INTERFACE_LIMITS.yamlAliases), 'registry-refused'],
  ['interface, registry, YAML or JSON', 'a name twice; `__proto__`', 'none', 'registry-refused'],
  ['interface, XML', 'elements inside one another', count(INTERFACE_LIMITS.maxElementDepth), 'registry-refused'],
  [
    'interface',
    'files; bytes of all; levels of import',
    `${INTERFACE_LIMITS.maxFiles}; ${bytes(INTERFACE_LIMITS.maxBytes)}; ${INTERFACE_LIMITS.maxImportLevels}`,
    'registry-refused',
  ],
  [
    'bundle (ZIP)',
    'files; entries; unpacked; growth of one file',
    `${BUNDLE_LIMITS.files}; ${count(BUNDLE_LIMITS.entries)}; ${bytes(BUNDLE_LIMITS.unpacked)}; ${BUNDLE_LIMITS.ratio} times`,
    'registry-refused',
  ],
  [
    'archive of the registry (ZIP)',
    'files; unpacked; documents; one document',
    `${count(TRANSFER_LIMITS.files)}; ${bytes(TRANSFER_LIMITS.unpacked)}; ${count(TRANSFER_LIMITS.documents)}; ${bytes(TRANSFER_LIMITS.documentBytes)}`,
    'registry-refused',
  ],
  [
    "operators' API, JSON",
    'levels; members and items; a name twice, `__proto__`',
    `${INTERFACE_LIMITS.documentLevels}; ${count(INTERFACE_LIMITS.documentNodes)}; none`,
    'not-well-formed, too-deep, too-complex',
  ],
];

const text = `# Limits of documents

Generated from the code by \`npm run docs\`. One policy for every document, whoever sends it: nothing is fetched, nothing is read from
beside what was given, and each thing that can grow has a bound. Messages are surveyed before any parser sees them
(\`src/protocol/{xml,json}/survey.ts\`), interfaces and the registry by \`src/registry/interface/json/json-documents.ts\`,
whose bounds stand in \`interface-limits.ts\`.

| document | what is bounded | bound | refused with |
|---|---|---|---|
${ROWS.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`;

if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== text) throw new Error(`${FILE} is stale: npm run docs`);
} else writeFileSync(FILE, text);
