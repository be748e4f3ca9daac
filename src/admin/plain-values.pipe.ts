import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { wrong } from './query-values.js';

/**
 * Every value of a query and of a path is one text without NUL, which no database takes. A name that is repeated would be a
 * list where a text is expected. Throws parameter-wrong.
 */
@Injectable()
export class PlainValuesPipe implements PipeTransform {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    if (type !== 'query' && type !== 'param') return value;
    const values = data === undefined ? Object.entries(value ?? {}) : [[data, value] as const];
    for (const [name, one] of values) requirePlain(name, one);
    return value;
  }
}

function requirePlain(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && !value.includes('\0'))) return;
  throw wrong(name.slice(0, 64), 'one text without NUL, once');
}
