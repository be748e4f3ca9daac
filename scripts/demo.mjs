// One command to a first look: installs, builds, starts the embedded gateway with example participants and two example
// systems, sends real messages over SOAP, REST and CloudEvents, shows their timelines, and stays until Ctrl-C.
// `--once` ends after the messages (used by the tests).
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { build, installPackages } from './steps.mjs';

const once = process.argv.includes('--once');
const children = [];
const TOKEN = 'demo-operators-token';

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}`);
}

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

async function freePort(wanted) {
  for (let port = wanted; port < wanted + 200; port += 10) if (await isFree(port)) return port;
  throw new Error(`no free port from ${wanted}`);
}

function start(script, env) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
}

/** Ends the example systems first, then the gateway, which drains. */
async function stopAll() {
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null) continue;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
}

const example = (path) => readFileSync(path, 'utf8');
const KEY = { 'x-api-key': 'sulmona.demo-sulmona-anagrafe' };

async function send(gateway, title, path, headers, body) {
  console.log(`\n--- ${title}\n    POST ${path}`);
  const reply = await fetch(`${gateway}${path}`, { method: 'POST', headers: { ...KEY, ...headers }, body });
  const text = await reply.text();
  console.log(`    HTTP ${reply.status}`);
  return { reply, text };
}

/** Waits until every delivery has ended or rests in a box, then prints the story. */
async function showStory(gateway, location) {
  const read = async (path) => (await fetch(`${gateway}${path}`, { headers: KEY })).json();
  const path = new URL(location).pathname;
  const settled = ({ deliveries }) =>
    deliveries.every(({ state }) => ['DELIVERED', 'AVAILABLE', 'FAILED', 'EXPIRED'].includes(state));
  const limit = Date.now() + 20_000;
  while (!settled(await read(path)) && Date.now() < limit) await pause(50);
  const { printTimeline } = await import('../dist/cli/print.js');
  const { entries } = await read(`${path}/timeline`);
  console.log(printTimeline(entries));
}

function showBody(text) {
  const shown = text.trimStart().startsWith('<') ? text : JSON.stringify(JSON.parse(text), null, 2);
  console.log(
    shown
      .split('\n')
      .slice(0, 40)
      .map((line) => `    ${line}`)
      .join('\n'),
  );
}

const ACTION = 'https://schemi.crocevia.example/anagrafe/1.0/notificaVariazione';

/** The published example as a SOAP 1.1 envelope, under a new message id. */
function envelope(xmlFile) {
  const id = `urn:uuid:${crypto.randomUUID()}`;
  const payload = example(xmlFile).replace(/<\?xml[^>]*\?>\s*/, '');
  return `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
<soap:Header><wsa:MessageID xmlns:wsa="http://www.w3.org/2005/08/addressing">${id}</wsa:MessageID></soap:Header>
<soap:Body>
${payload}</soap:Body></soap:Envelope>`;
}

const EXAMPLES = 'schemas/anagrafe/1.0/examples/notificaVariazioneAnagrafica';

async function sendAll(gateway) {
  const soap = { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${ACTION}"` };
  const rest = () => ({ 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() });
  const event = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': crypto.randomUUID(),
    'ce-source': '/c_i804/anagrafe',
    'ce-type': 'it.crocevia.anagrafe.variazione.v1',
  };
  const toPratola = '/soap/c_h007/v1/VariazioneAnagrafica';
  const toRegione = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
  const accepted = [
    ['1. SOAP: Comune di Sulmona notifies Comune di Pratola Peligna', toPratola, soap, envelope(`${EXAMPLES}.xml`)],
    ['2. REST: Comune di Sulmona notifies Regione Abruzzo', toRegione, rest(), example(`${EXAMPLES}.json`)],
    ['3. CloudEvents: one notice to both, JSON in, SOAP and JSON out', '/messages', event, example(`${EXAMPLES}.json`)],
  ];
  for (const [title, path, headers, body] of accepted) {
    const { reply, text } = await send(gateway, title, path, headers, body);
    if (!reply.headers.get('location')) throw new Error(`not accepted: ${text}`);
    await showStory(gateway, reply.headers.get('location'));
  }
  const refused = [
    ['4. SOAP: a fiscal code in lower case', toPratola, soap, envelope(`${EXAMPLES}.cf-minuscolo.xml`)],
    ['5. REST: a postal code of four digits', toRegione, rest(), example(`${EXAMPLES}.cap-corto.json`)],
  ];
  for (const [title, path, headers, body] of refused) {
    const { reply, text } = await send(gateway, title, path, headers, body);
    if (reply.ok) throw new Error('an invalid message was accepted');
    showBody(text);
    await showStory(gateway, `${gateway}/messages/${reply.headers.get('x-gateway-id')}`);
  }
}

/** A region that speaks REST asks a municipality that speaks SOAP, and has the answer on the same connection. */
async function ask(gateway) {
  const question = example('schemas/tributi/1.0/examples/richiestaPosizioneTributaria.json').replaceAll(
    'c_i804',
    'c_h007',
  );
  const path = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
  const headers = { 'content-type': 'application/json', 'x-api-key': 'regione.demo-regione-anagrafe' };
  const { reply, text } = await send(
    gateway,
    '6. A query: Regione Abruzzo asks Comune di Pratola Peligna over REST; it answers over SOAP',
    path,
    headers,
    question,
  );
  if (reply.status !== 200) throw new Error(`no answer: ${text}`);
  showBody(text);
}

/** A first password for the console, as an administrator gives it. */
async function firstPassword(gateway) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const reply = await fetch(`${gateway}/admin/operators/platform/account`, { method: 'POST', headers });
  if (!reply.ok) throw new Error(`no account: HTTP ${reply.status} ${await reply.text()}`);
  return (await reply.json()).password;
}

function showAddresses(gateway, password, data) {
  console.log(`
=== Crocevia is running: ${gateway}   (Ctrl-C drains and stops it)
    What it holds is thrown away then, messages and accounts too: ${data}
    To keep it, start the gateway yourself: README.md, "The command"

  console       ${gateway}/console/   operator: platform   first password: ${password}
                (you choose your own when you log in)
  interface     ${gateway}/soap/c_h007/v1/VariazioneAnagrafica?wsdl
                ${gateway}/rest/r_abruzz/v1/VariazioneAnagrafica/openapi.yaml
  operators     ${gateway}/admin/reference   (Authorization: Bearer ${TOKEN})

Try:
  curl -i ${gateway}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche -H 'X-API-Key: ${KEY['x-api-key']}' \\
    -H 'Idempotency-Key: prova-1' -H 'Content-Type: application/json' --data-binary @${EXAMPLES}.json
  curl -s ${gateway}/box/messages?wait=5 -H 'X-API-Key: ${KEY['x-api-key']}'
  node dist/cli/crocevia.js --url ${gateway} --token ${TOKEN} tail
`);
}

async function main() {
  requireNode();
  await installPackages();
  if ((await build()) !== 0) throw new Error('the build failed');
  const ports = { gateway: await freePort(8080), soap: await freePort(8091), rest: await freePort(8092) };
  const gateway = `http://127.0.0.1:${ports.gateway}`;
  console.log(
    `==> starting the gateway (embedded: PGlite, in-process broker; the first start takes some seconds) at ${gateway}`,
  );
  const data = `data/demo-${process.pid}`;
  mkdirSync(data, { recursive: true });
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  await start('dist/main.js', {
    CROCEVIA_PORT: String(ports.gateway),
    CROCEVIA_DATA_DIR: data,
    CROCEVIA_ADMIN_TOKEN: TOKEN,
    CROCEVIA_LOG_LEVEL: 'warn',
    PUBLIC_URL: gateway,
    PRATOLA_URL: `http://127.0.0.1:${ports.soap}/VariazioneAnagrafica`,
    PRATOLA_PROTOCOLLO_URL: `http://127.0.0.1:${ports.soap}/InoltroProtocollo`,
    PRATOLA_TRIBUTI_URL: `http://127.0.0.1:${ports.soap}/PosizioneTributaria`,
    REGIONE_URL: `http://127.0.0.1:${ports.rest}/`,
  });
  console.log('==> starting two example systems');
  await start('examples/systems/soap-system.mjs', { PORT: String(ports.soap), GATEWAY: gateway });
  await start('examples/systems/rest-system.mjs', { PORT: String(ports.rest) });
  await sendAll(gateway);
  await ask(gateway);
  const password = await firstPassword(gateway);
  if (once) return stopAll();
  showAddresses(gateway, password, data);
  await new Promise(() => setInterval(() => undefined, 60_000));
}

/** From the first moment on: what was started has process groups of its own and would outlive a Ctrl-C. */
function stopOnSignal() {
  const stop = async () => {
    console.log('\n==> draining; the data of the demo are removed');
    await stopAll();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void stop());
}

stopOnSignal();

await main().catch(async (error) => {
  console.error(`\n${error.message}`);
  await stopAll();
  process.exitCode = 1;
});
