import { composeCloudEvent } from './protocol/cloudevents/compose.js';
import { createCloudEvents } from './protocol/cloudevents/cloudevents.js';
import type { Documents } from './message/document.js';
import { composeRest } from './protocol/rest/compose.js';
import { createRest } from './protocol/rest/rest.js';
import { composeSoap11, composeSoap12 } from './protocol/soap/compose.js';
import { createSoap } from './protocol/soap/soap.js';

/** How messages are read. */
export const createProtocols = (documents: Documents) => ({
  soap: createSoap(documents),
  rest: createRest(documents),
  cloudevents: createCloudEvents(documents),
});

/** How they are written, by the shape that a receiver asks for. */
export const COMPOSE = {
  soap11: composeSoap11,
  soap12: composeSoap12,
  xml: composeRest,
  json: composeRest,
  rest: composeRest,
  cloudevents: composeCloudEvent,
};
