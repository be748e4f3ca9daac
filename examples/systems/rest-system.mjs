// A regional system that takes messages as JSON over REST. PORT (8092) to listen on.
import { createServer } from 'node:http';

const { PORT = '8092', HOST = '127.0.0.1', PARTICIPANT = 'r_abruzz' } = process.env;
const seen = new Set();

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** Takes each idempotency key once: a repeated delivery is answered like the first and changes nothing. */
async function take(request) {
  const key = request.headers['idempotency-key'];
  const { testata, tipoVariazione } = await readJson(request);
  const repeated = seen.has(key);
  seen.add(key);
  console.log(
    `[${PARTICIPANT}, REST] ${repeated ? 'again' : 'new'}: message ${testata?.idMessaggio} of ${testata?.codiceIpaMittente}, ${tipoVariazione ?? ''}`,
  );
  return { ricevuto: true, ripetuto: repeated };
}

const server = createServer((request, reply) => {
  const answer = (status, body) =>
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.method !== 'POST') return answer(405, { title: 'POST only' });
  take(request).then(
    (body) => answer(200, body),
    (error) => answer(400, { title: 'Not JSON', detail: String(error) }),
  );
});
server.listen(Number(PORT), HOST, () => {
  console.log(`[${PARTICIPANT}, REST] takes messages at http://${HOST}:${PORT}/`);
  process.send?.('ready');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));
