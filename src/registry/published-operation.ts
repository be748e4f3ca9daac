import { Fault } from '../message/fault.js';
import type { Message, QName } from '../message/message.js';
import type { Operation } from './model.js';
import type { Registry } from './registry.js';

/** The operation of a message that was taken before. Throws schema-missing where it is no longer published. */
export function publishedOperation(
  { service, version, operation }: Pick<Message, 'service' | 'version' | 'operation'>,
  registry: Pick<Registry, 'service'>,
): Operation {
  const found = registry.service(service, version)?.operations.find(({ name }) => name === operation);
  if (found) return found;
  throw new Fault('schema-missing', {
    detail: `${operation} of ${service} version ${version} is no longer published.`,
  });
}

/** Whether the element is that of the published answer; each is where none is published. */
export const isAnswerOf = ({ output }: Pick<Operation, 'output'>, element: QName | null): boolean =>
  output === null || (element?.name === output.name && element.namespace === output.namespace);
