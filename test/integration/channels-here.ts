import { type IncomingMessage, type ServerResponse } from 'node:http';
import { pushChannel } from '../../src/delivery/channels/push.js';
import { XML_LIMITS } from '../../src/protocol/xml/limits.js';
import { openXmlInThread } from '../../src/protocol/xml/open.js';
import { exchangeParts, agentToHere, site, xsd, type Request, type Site } from './channels-exchange.js';

export const { documents, protocols, outgoing } = exchangeParts();
export const problems: unknown[] = [];
export const problem = (error: unknown) => void problems.push(error);
export const push = pushChannel({ agent: agentToHere(), outgoing, protocols, problem });
export const sites: Site[] = [];

export async function open(answer: (reply: ServerResponse, request: IncomingMessage) => void): Promise<Site> {
  const opened = await site(answer);
  sites.push(opened);
  return opened;
}

export const fixed = (status: number, headers: Record<string, string> = {}, body = '') =>
  open((reply) => void reply.writeHead(status, headers).end(body));

afterEach(async () => {
  await Promise.all(sites.splice(0).map((one) => one.stop()));
  expect(problems.splice(0)).toEqual([]);
});

afterAll(async () => {
  await push.close();
  await documents.stop();
});

export const onlyRequest = ({ requests }: Site): Request => {
  expect(requests).toHaveLength(1);
  return requests[0] as Request;
};

export function violationsOf(xml: Buffer) {
  const document = openXmlInThread(xml, null, XML_LIMITS);
  try {
    return document.examine({ schema: xsd(), extract: {} }).violations;
  } finally {
    document.close();
  }
}
