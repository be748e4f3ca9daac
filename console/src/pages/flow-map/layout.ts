import { Graph, layout, type Point } from '@dagrejs/dagre';
import type { Schemas } from '../../api/client';

type MapFlow = Schemas['FlowMap']['flows'][number];

export interface MapNode {
  readonly id: string;
  readonly kind: 'body' | 'service';
  /** IPA code, or name of the service. */
  readonly key: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

export interface MapEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly errors: number;
  readonly points: readonly Point[];
}

export interface Picture {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly width: number;
  readonly height: number;
}

export const NODE = { width: 190, height: 44 };

type Sum = Omit<MapEdge, 'points'>;

/** Bodies and services in columns, senders on the left of what they use. */
export function pictureOf({ flows, names }: Schemas['FlowMap']): Picture {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 26, ranksep: 110, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  const shown = nodesOf(flows, names as Readonly<Record<string, string>>);
  for (const { id } of shown) graph.setNode(id, { ...NODE });
  const sums = edgesOf(flows);
  for (const { from, to } of sums) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const place = (id: string) => graph.node(id) as { x: number; y: number };
  const nodes = shown.map((one) => ({ ...one, x: place(one.id).x, y: place(one.id).y }));
  const edges = sums.map((one) => ({ ...one, points: (graph.edge(one.from, one.to) as { points: Point[] }).points }));
  return { nodes, edges, width, height };
}

function nodesOf(flows: readonly MapFlow[], names: Readonly<Record<string, string>>): Omit<MapNode, 'x' | 'y'>[] {
  const bodies = new Set(flows.flatMap(({ sender, receiver }) => [sender, receiver]));
  const services = new Set(flows.map(({ service }) => service));
  return [
    ...[...bodies].map((key) => ({ id: bodyId(key), kind: 'body' as const, key, label: names[key] ?? key })),
    ...[...services].map((key) => ({ id: serviceId(key), kind: 'service' as const, key, label: key })),
  ];
}

/** What a body sends to a service and what a service brings to a body, each in one line. */
function edgesOf(flows: readonly MapFlow[]): readonly Sum[] {
  const sums = new Map<string, Sum>();
  const add = (from: string, to: string, { count, errors }: MapFlow) => {
    const id = `${from} ${to}`;
    const before = sums.get(id) ?? { id, from, to, count: 0, errors: 0 };
    sums.set(id, { ...before, count: before.count + count, errors: before.errors + errors });
  };
  for (const flow of flows) {
    add(bodyId(flow.sender), serviceId(flow.service), flow);
    add(serviceId(flow.service), bodyId(flow.receiver), flow);
  }
  return [...sums.values()];
}

const bodyId = (code: string) => `body ${code}`;
const serviceId = (name: string) => `service ${name}`;
