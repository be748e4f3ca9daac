// Writes docs/permissions.md from the doors as they were built last (npm run build); --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { ACTIONS, ROLES, rolesFor, SCOPES } from '../dist/admin/permissions.js';
import { adminRoutes } from './admin-routes.mjs';

const routes = await adminRoutes();
const marks = (roles) => ROLES.map((role) => (roles === null || roles.includes(role) ? 'yes' : '—')).join(' | ');
const doorOf = ({ method, path, action, roles }) =>
  `| \`${method} ${path}\` | ${action ?? (roles === null ? 'open to everybody' : 'for itself')} | ${marks(roles)} |`;

const page = `# Permissions

What each role may do, and at which door. Generated from \`src/admin/permissions.ts\` and the routes of the built application by
\`npm run docs\`; do not edit. \`test/e2e/policy.e2e-spec.ts\` tries every cell over the wire, inside and outside the scope.

| action | ${ROLES.join(' | ')} | what the scope means |
|---|${ROLES.map(() => '---|').join('')}---|
${ACTIONS.map((action) => `| \`${action}\` | ${marks(rolesFor(action))} | ${SCOPES[action]} |`).join('\n')}

| door | action | ${ROLES.join(' | ')} |
|---|---|${ROLES.map(() => '---|').join('')}
${routes.map(doorOf).join('\n')}
`;

const path = 'docs/permissions.md';
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') === page) process.exit(0);
  console.error('docs/permissions.md is not what the code says: run npm run docs');
  process.exit(1);
}
writeFileSync(path, page);
console.log(`${path}: ${routes.length} doors`);
