// Writes docs/faults.md from the fault catalogue as it was built last (npm run build); --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS, faultWords } from '../dist/message/fault-catalogue.js';

const soapCode = ({ blame, soap }) => soap ?? (blame === 'sender' ? 'Client / Sender' : 'Server / Receiver');
const row = ([code, kind]) =>
  `| \`${code}\` | ${kind.en}<br>_${kind.it}_ | ${kind.blame} | ${kind.retryable ? 'yes' : 'no'} | ${kind.http ?? '—'} | ${kind.http === null ? '—' : soapCode(kind)} | ${kind.remedy}<br>_${faultWords(code, 'it').remedy}_ |`;

const page = `# Faults

Every refusal carries one of these codes. Generated from \`src/message/fault-catalogue.ts\` by \`npm run docs\`; do not edit.

- **blame**: who has to act. **retryable**: the same message may succeed later, unchanged.
- **HTTP** is the status over REST and CloudEvents (\`application/problem+json\`, RFC 9457; \`type\` is \`/problems/{code}\`).
- **SOAP** is the fault code of SOAP 1.1 / 1.2. SOAP 1.1 faults are HTTP 500; SOAP 1.2 faults are 400 for Sender, else 500; 401, 405, 408,
  413, 415 and 503 keep their status. \`detail\` holds the \`errore\` element of \`schemas/crocevia/1.0/gateway.xsd\`.
- A code without an HTTP status tells of a delivery: it is in the message's status, its timeline and its receipts.

| code | meaning | blame | retryable | HTTP | SOAP | what to do |
|---|---|---|---|---|---|---|
${Object.entries(FAULTS).map(row).join('\n')}
`;

const path = 'docs/faults.md';
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') === page) process.exit(0);
  console.error('docs/faults.md is not what the catalogue says: run npm run docs');
  process.exit(1);
}
writeFileSync(path, page);
console.log(`${path}: ${Object.keys(FAULTS).length} faults`);
