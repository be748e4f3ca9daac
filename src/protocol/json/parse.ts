import { printParseErrorCode, visit } from 'jsonc-parser';
import secureJson from 'secure-json-parse';
import { Fault } from '../../message/fault.js';
import { validUtf8 } from '../xml/encoding.js';
import { notWellFormed } from './place.js';
import { surveyJson, type JsonLimits } from './survey.js';

export interface ParsedJson {
  readonly text: string;
  readonly value: unknown;
}

/**
 * Reads UTF-8 JSON (RFC 8259 §8.1: no byte order mark) under limits. Throws encoding-wrong, too-deep, too-complex and
 * not-well-formed with line and column.
 */
export function parseJson(bytes: Buffer, limits: JsonLimits): ParsedJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new Fault('encoding-wrong', { detail: 'JSON starts with a byte order mark.', place: 'byte 0' });
  const text = validUtf8(bytes).toString('utf8');
  surveyJson(text, limits);
  try {
    return { text, value: secureJson.parse(text) };
  } catch (cause) {
    throw explained(text, cause);
  }
}

/** The parser tells no place on every version of Node: a second reader finds it, up to its first error. */
function explained(text: string, cause: unknown): Fault {
  const found = firstError(text);
  if (found) return notWellFormed(text, found.offset, found.reason);
  if (text.includes('"constructor"'))
    return notWellFormed(
      text,
      text.indexOf('"constructor"'),
      'The name "constructor" with a prototype is not allowed.',
    );
  return new Fault('not-well-formed', { detail: 'The text is not JSON.', place: 'line 1', cause });
}

class Found extends Error {
  constructor(
    readonly offset: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

function firstError(text: string): Found | null {
  const onError = (code: number, offset: number) => {
    throw new Found(offset, `${words(printParseErrorCode(code))}.`);
  };
  try {
    visit(text, { onError }, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
    return null;
  } catch (error) {
    if (error instanceof Found) return error;
    throw error;
  }
}

/** `PropertyNameExpected` -> `property name expected`. */
function words(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
