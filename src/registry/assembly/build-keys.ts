import { jsonPathProblem } from '../../protocol/json/keys.js';
import { xpathProblem } from '../../protocol/xml/keys.js';
import type { KeyDocument } from '../documents/document-types.js';
import type { Problem } from '../documents/environment.js';
import type { DeclaredKey } from '../declared-key.js';

/** The business keys of a service; what is wrong with a path, and a name that comes twice, is noted. */
export function buildKeys(documents: readonly KeyDocument[] | undefined, problem: Problem): readonly DeclaredKey[] {
  return (documents ?? []).map((document, at) => {
    const { name, label, kind = 'other', xpath = null, namespaces = {}, jsonPath = null } = document;
    const say = (member: string, said: string | null, hint: string) =>
      said === null ? undefined : problem(['businessKeys', at, member], said, hint);
    say('xpath', xpath && xpathProblem(xpath, namespaces), 'a path such as //p:number, with its namespaces');
    say('jsonPath', jsonPath && jsonPathProblem(jsonPath), 'a path such as $.document.number');
    const isTwice = (documents ?? []).findIndex((other) => other.name === name) < at;
    say('name', isTwice ? `the key ${name} is there twice` : null, 'give each key its own name');
    return { name, label, kind, xpath, namespaces, jsonPath };
  });
}
