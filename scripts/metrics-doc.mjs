#!/usr/bin/env node
// Writes docs/metrics.md from the table of the build; --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { METRIC_GROUPS } from '../dist/trace/metric-table.js';

const labels = (given = {}) =>
  Object.entries(given)
    .map(([name, values]) => `\`${name}\`: ${values}`)
    .join('<br>') || '—';
const row = ([name, { kind, help, look, labels: given }]) =>
  `| \`${name}\` | ${kind} | ${help}${look ? `<br>_${look}_` : ''} | ${labels(given)} |`;
const group = ([title, rows]) => `## ${title}

| metric | kind | what it tells, _and what to do_ | labels |
|---|---|---|---|
${Object.entries(rows).map(row).join('\n')}
`;

const page = `# Metrics

\`GET /admin/metrics\` in the text format of Prometheus, for operators with \`node.read\` (\`authorization: Bearer ...\`). Generated from
\`src/trace/metric-table.ts\` by \`npm run docs\`; do not edit. A histogram has \`_bucket\`, \`_sum\` and \`_count\`. Every node counts its own;
what is said of the ledger is the same on every node. [docs/grafana/crocevia.json](grafana/crocevia.json) is a dashboard of them.

\`\`\`yaml
scrape_configs:
  - job_name: crocevia
    metrics_path: /admin/metrics
    authorization: { credentials_file: /etc/prometheus/crocevia-token } # of an operator with the role auditor
    static_configs: [{ targets: ['gateway-1:8080', 'gateway-2:8080'] }]
\`\`\`

${Object.entries(METRIC_GROUPS).map(group).join('\n')}`;

const path = 'docs/metrics.md';
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') === page) process.exit(0);
  console.error('docs/metrics.md is not what the table says: npm run docs');
  process.exit(1);
}
writeFileSync(path, page);
console.log(`${path}: ${Object.values(METRIC_GROUPS).flatMap(Object.keys).length} metrics`);
