import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * Who sends `Expect: 100-continue` (RFC 9110 §10.1.1) is told to go on when somebody begins to read its body, and not before
 * its credential was looked at: Node would tell it at once.
 */
export function continueWhenRead(server: Pick<Server, 'on' | 'emit'>): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const read = request._read.bind(request);
    request._read = (size) => {
      request._read = read;
      if (!response.headersSent) response.writeContinue();
      read(size);
    };
    server.emit('request', request, response);
  });
}
