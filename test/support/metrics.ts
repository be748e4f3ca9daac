import { http } from './client.js';
import { ADMIN_TOKEN, type RunningGateway } from './gateway.js';

/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A scrape as Prometheus reads it: its families (name -> kind) and samples. */
export async function scrape({ url }: RunningGateway) {
  const { text } = await http(`${url}/admin/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const families = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name!, kind!]));
  const samples = text.split('\n').flatMap((line) => sampleOf(line) ?? []);
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samples
      .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
      .reduce((total, { value }) => total + value, 0);
  return { families, samples, sum };
}

function sampleOf(line: string): Sample | null {
  const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!found) return null;
  const labels = [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key!, value!]);
  return { name: found[1]!, labels: Object.fromEntries(labels), value: Number(found[3]) };
}
