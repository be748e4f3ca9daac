import { PATH_TEMPLATE } from './documents/registry-schema.js';

const TEMPLATE = new RegExp(PATH_TEMPLATE);

export const isPathTemplate = (path: string): boolean => path !== '' && TEMPLATE.test(path);

export const variablesIn = (template: string): number => template.split('{').length - 1;

/** True where the path is one that the template means. A variable is one or more characters, never a slash. */
export function matchesPath(template: string, path: string): boolean {
  const wanted = segments(template);
  const given = segments(path);
  return wanted.length === given.length && wanted.every((segment, index) => matches(segment, given[index] ?? ''));
}

/** A slash at the end of a template means nothing of its own: no address has one. */
const segments = (path: string) => path.replace(/\/$/, '').split('/').slice(1);

function matches(segment: string, given: string): boolean {
  const [, before, after] = /^([^{]*)\{[^}]*\}(.*)$/.exec(segment) ?? [];
  if (before === undefined || after === undefined) return segment === given;
  return given.length > before.length + after.length && given.startsWith(before) && given.endsWith(after);
}

/** The values of a template's variables in a path that it means, by name. */
export function variablesOf(template: string, path: string): ReadonlyMap<string, string> {
  const given = segments(path);
  const found = segments(template).flatMap((segment, index): [string, string][] => {
    const [, before, name, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(segment) ?? [];
    if (before === undefined || name === undefined || after === undefined) return [];
    const text = given[index] ?? '';
    return [[name, text.slice(before.length, text.length - after.length)]];
  });
  return new Map(found);
}
