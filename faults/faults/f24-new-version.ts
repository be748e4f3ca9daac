import { hasVersion } from '../console.js';
import type { Fault, Scene } from '../fault.js';
import { GATEWAYS } from '../nodes.js';
import { BROKEN_XSD, writeVersions } from '../world.js';

/** In which every gateway must have read what was written. */
const READ_MS = 10_000;

/** Throws where a gateway does not have that version, or has it still. */
async function requireVersion({ nodes }: Scene, isThere: boolean): Promise<void> {
  for (const name of GATEWAYS)
    if (!(await hasVersion(nodes.url(name), { id: 'Avviso', version: 2 }, isThere, READ_MS)))
      throw new Error(`${name} ${isThere ? 'has not read' : 'has not let go of'} the new version`);
}

export const newVersion: Fault = {
  id: 'F24',
  says: 'a new version of the interface comes, at first with a broken schema, and goes again',
  limits: { accept: 2_000, deliver: 5_000 },
  begin: async (scene) => {
    await writeVersions(scene.registry, scene.receivers, [1, 2], BROKEN_XSD);
    if (await hasVersion(scene.nodes.url('g1'), { id: 'Avviso', version: 2 }, true, 1_500))
      throw new Error('a broken schema is in force');
    await writeVersions(scene.registry, scene.receivers, [1, 2]);
    await requireVersion(scene, true);
  },
  end: async (scene) => {
    await writeVersions(scene.registry, scene.receivers, [1]);
    await requireVersion(scene, false);
  },
};
