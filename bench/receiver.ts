/** The receiving back end of the bench: takes every POST and counts; GET tells the count and the time of the last one. */
import { createServer } from 'node:http';

let count = 0;
let last = 0;
createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') return void reply.end(JSON.stringify({ count, last }));
    count++;
    last = performance.timeOrigin + performance.now();
    reply.writeHead(200, { 'content-length': 0 }).end();
  });
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('ready'));
