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

function start(script, env, quiet = false) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit', 'ipc'],
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

function showRefusal(text) {
  const shown = text.trimStart().startsWith('<') ? text : JSON.stringify(JSON.parse(text), null, 2);
  console.log(
    shown
      .split('\n')
      .slice(0, 40)
      .map((line) => `    ${line}`)
      .join('\n'),
  );
}
