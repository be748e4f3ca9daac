import type { RestBinding, RestParameter } from '../registry/rest-binding.js';
import { variablesOf } from '../registry/path-template.js';
import { isNoParameter } from './carried-headers.js';

/** The published parameters but cookies and headers that nobody may set so; without a description the variables of the path. */
export function parametersOf({ parameters, path }: RestBinding): readonly RestParameter[] {
  const isCarried = ({ in: where, name }: RestParameter) =>
    where !== 'cookie' && (where !== 'header' || !isNoParameter(name));
  if (parameters) return parameters.filter(isCarried);
  const names = [...variablesOf(path, path).keys()];
  return names.map((name) => ({ name, in: 'path', required: true, schema: null }));
}

/** The member that a parameter is called after: the same name, else the one that differs in case, `-` and `_` alone. */
export function memberFor(parameter: RestParameter, members: readonly string[]): string | null {
  if (members.includes(parameter.name)) return parameter.name;
  const alike = members.filter((member) => plain(member) === plain(parameter.name));
  return alike.length === 1 ? alike[0]! : null;
}

const plain = (name: string) => name.toLowerCase().replace(/[-_]/g, '');
