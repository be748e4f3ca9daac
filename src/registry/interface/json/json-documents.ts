import { basename } from 'node:path';
import { isScalar, LineCounter, parseDocument, visit, type Document, type YAMLMap } from 'yaml';
import { surveyJson } from '../../../protocol/json/survey.js';
import { reason, type InterfaceFiles } from '../interface-files.js';
import { INTERFACE_LIMITS } from '../interface-limits.js';

/** The library compares every two names of a map: minutes for a big one. `requireUnique` does it in one pass. */
export const YAML_READING = { merge: true, uniqueKeys: false } as const;

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The object in a JSON file (`.json`) or YAML file; null (and a problem) where it is none or passes a limit. */
export function readJsonDocument(path: string, files: InterfaceFiles): JsonObject | null {
  const text = files.readText(path);
  if (text === null) return null;
  try {
    const value = parseJsonDocument(text, path.endsWith('.json'));
    if (isObject(value)) return value;
    files.problem(`${basename(path)} is no JSON object`, 'a schema or an OpenAPI description is an object');
  } catch (error) {
    if (error instanceof YamlError) files.problem(error.said, 'correct the document', { file: path, line: error.line });
    else files.problem(`${basename(path)}: ${reason(error)}`, 'correct the document');
  }
  return null;
}

/** Throws Error for what is not well-formed, for an alias bomb and for a document that is too long, deep or big. */
export function parseJsonDocument(text: string, json: boolean): unknown {
  const { documentBytes } = INTERFACE_LIMITS;
  if (Buffer.byteLength(text) > documentBytes) throw new Error(`is longer than ${documentBytes / 1024 / 1024} MiB`);
  const value: unknown = json ? parseJsonText(text) : parseYaml(text, true).value;
  if (json) requireSize(value);
  return value;
}

/** The rules for JSON of a message hold here too: no name twice in an object, no `__proto__`. */
function parseJsonText(text: string): unknown {
  const { documentLevels: maxDepth, documentNodes: maxNodes } = INTERFACE_LIMITS;
  surveyJson(text, { maxDepth, maxNodes });
  return JSON.parse(text) as unknown;
}

/** What is wrong in one line, from 1, of a YAML text. */
export class YamlError extends Error {
  constructor(
    readonly line: number,
    readonly said: string,
  ) {
    super(`line ${line}: ${said}`);
  }
}

interface YamlText {
  readonly value: unknown;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * One YAML document. Merge keys (`<<:`) are read where told; keys that are numbers (`200:`) become names. Throws YamlError for
 * what is not well-formed, Error for an alias bomb and for what is too big.
 */
export function parseYaml(text: string, merge: boolean): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...YAML_READING, merge, prettyErrors: false, lineCounter: lines });
  return { value: valueOf(document, lines), document, lines };
}

/** The value of a document that was read as {@link YAML_READING} says. Throws YamlError, and Error for an alias bomb or what is too big. */
export function valueOf(document: Document.Parsed, lines: LineCounter): unknown {
  const [error] = document.errors;
  if (error) throw new YamlError(lines.linePos(error.pos[0]).line, reason(error));
  visit(document, { Map: (_, map) => requireUnique(map, lines) });
  const value: unknown = document.toJS({ maxAliasCount: INTERFACE_LIMITS.yamlAliases });
  requireSize(value);
  return value;
}

function requireUnique(map: YAMLMap, lines: LineCounter): void {
  const names = new Set<unknown>();
  for (const { key } of map.items) {
    if (!isScalar(key) || key.value === '<<') continue;
    if (names.has(key.value))
      throw new YamlError(lines.linePos(key.range?.[0] ?? 0).line, `${String(key.value)} stands twice`);
    if (key.value === '__proto__')
      throw new YamlError(lines.linePos(key.range?.[0] ?? 0).line, 'the name __proto__ is not allowed');
    names.add(key.value);
  }
}

/** An alias is the same object again and counts again: what walks the value later meets it as often. */
export function requireSize(value: unknown): void {
  let nodes = 0;
  const count = (inner: unknown, level: number): void => {
    if (++nodes > INTERFACE_LIMITS.documentNodes)
      throw new Error(`has more than ${INTERFACE_LIMITS.documentNodes} members and items`);
    if (inner === null || typeof inner !== 'object') return;
    if (level > INTERFACE_LIMITS.documentLevels)
      throw new Error(`has more than ${INTERFACE_LIMITS.documentLevels} levels`);
    for (const one of Object.values(inner)) count(one, level + 1);
  };
  count(value, 1);
}
