import 'reflect-metadata';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { AdminParts } from './admin/ports.js';
import { REQUIREMENT, type Requirement } from './admin/requires.js';
import { AppModule } from './app.module.js';

/** `Controller.method` -> what it requires, of every HTTP route of the module. */
function routes(): ReadonlyMap<string, Requirement | undefined> {
  const { controllers = [] } = AppModule.around({} as AdminParts, true);
  return new Map(
    controllers.flatMap((controller) =>
      Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
        const method: unknown = (controller.prototype as Record<string, unknown>)[name];
        if (typeof method !== 'function' || Reflect.getMetadata(METHOD_METADATA, method) === undefined) return [];
        if (Reflect.getMetadata(PATH_METADATA, method) === undefined) return [];
        return [[`${controller.name}.${name}`, Reflect.getMetadata(REQUIREMENT, method) as Requirement | undefined]];
      }),
    ),
  );
}

describe('routes of the operators’ API', () => {
  it('6: every one says who may call it; open are health and the log-in alone', () => {
    const all = [...routes()];
    expect(all.length).toBeGreaterThanOrEqual(11);
    expect(all.filter(([, needed]) => needed === undefined)).toEqual([]);
    expect(all.filter(([, needed]) => needed === 'nothing').map(([name]) => name)).toEqual([
      'HealthController.live',
      'HealthController.ready',
      'SessionController.logIn',
      'OidcController.methods',
      'OidcController.begin',
      'OidcController.finish',
    ]);
  });
});
