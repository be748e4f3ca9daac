import type { System } from './model.js';
import type { DocumentKey } from './registry-store.js';
import type { Contents } from './snapshot.js';

/** The contents with one service version as if it were published and, where nobody does yet, provided by its owner. */
export function asPublished(contents: Contents, { id, version }: DocumentKey): Contents {
  const services = contents.services.map((one) =>
    one.id === id && one.version === version ? { ...one, status: 'published' as const } : one,
  );
  const owner = services.find((one) => one.id === id && one.version === version)?.owner;
  const isProvided = contents.systems.some(({ provides }) =>
    provides.some((one) => one.service === id && one.version === version),
  );
  const systems = isProvided
    ? contents.systems
    : [...contents.systems, nobodyYet(id, version, owner ?? contents.participants[0]?.id)];
  return { ...contents, services, systems };
}

const nobodyYet = (service: string, version: number, owner = 'nobody-yet'): System => ({
  id: 'nobody-yet',
  participant: owner,
  credentials: [],
  provides: [{ service, version, endpoint: null }],
  answers: { concurrency: 1, waiting: 1 },
  receives: null,
  receiptsTo: null,
  callbacks: [],
  paused: false,
});
