/** The answering back end of the bench: 2 KiB of SOAP at once, under /silent nothing ever. */
import { createServer } from 'node:http';
import { SOAP_ANSWER } from './message.js';

const HEADERS = { 'content-type': 'text/xml; charset=utf-8', 'content-length': Buffer.byteLength(SOAP_ANSWER) };
createServer((request, reply) => {
  request.resume();
  if (request.url === '/silent') return;
  request.on('end', () => reply.writeHead(200, HEADERS).end(SOAP_ANSWER));
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
