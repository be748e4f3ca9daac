import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { useFlowMapTexts } from './flow-map-texts';
import { NODE, pictureOf, type MapEdge, type MapNode } from './layout';

const WIDEST = 12;
const LONGEST = 26;

/** The map as a picture; the table beside it is for who does not see it, and for the keyboard. */
export default function Drawing({ map }: { readonly map: Schemas['FlowMap'] }) {
  const t = useFlowMapTexts();
  const { nodes, edges, width, height } = useMemo(() => pictureOf(map), [map]);
  const most = Math.max(1, ...edges.map(({ count }) => count));
  const labels = useMemo(() => new Map(nodes.map(({ id, label }) => [id, label])), [nodes]);
  return (
    <div className="console-map" tabIndex={0} role="region" aria-label={t('title')}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('picture')}>
        {edges.map((edge) => (
          <Line key={edge.id} edge={edge} most={most} labels={labels} />
        ))}
        {nodes.map((node) => (
          <Box key={node.id} node={node} />
        ))}
      </svg>
    </div>
  );
}

interface LineProps {
  readonly edge: MapEdge;
  readonly most: number;
  readonly labels: ReadonlyMap<string, string>;
}

/** By the logarithm: one busy flow must not make all others threads. */
function Line({ edge: { from, to, count, errors, points }, most, labels }: LineProps) {
  const t = useFlowMapTexts();
  const numbers = useNumbers();
  const width = 1 + (WIDEST - 1) * (Math.log1p(count) / Math.log1p(most));
  const [first, ...rest] = points;
  const path = `M${first!.x},${first!.y} ${rest.map(({ x, y }) => `L${x},${y}`).join(' ')}`;
  const said = {
    from: labels.get(from) ?? from,
    to: labels.get(to) ?? to,
    count: numbers.count(count),
    errors: numbers.count(errors),
  };
  const middle = points[Math.floor(points.length / 2)]!;
  return (
    <g>
      <title>{t('edge', said)}</title>
      <path className="console-map-edge" data-errors={errors > 0} d={path} strokeWidth={width} />
      <text className="console-map-count" x={middle.x} y={middle.y - width / 2 - 4} textAnchor="middle">
        {errors > 0 ? t('withErrors', said) : said.count}
      </text>
    </g>
  );
}

function Box({ node: { kind, key, label, x, y } }: { readonly node: MapNode }) {
  const shown = label.length > LONGEST ? `${label.slice(0, LONGEST - 1)}…` : label;
  return (
    <g
      className="console-map-node"
      data-kind={kind}
      transform={`translate(${x - NODE.width / 2},${y - NODE.height / 2})`}
    >
      <title>{`${label} (${key})`}</title>
      <rect width={NODE.width} height={NODE.height} rx={kind === 'service' ? 22 : 4} />
      <text x={NODE.width / 2} y={label === key ? 27 : 19} textAnchor="middle">
        {shown}
      </text>
      {label !== key && (
        <text className="console-map-code" x={NODE.width / 2} y={36} textAnchor="middle">
          {key}
        </text>
      )}
    </g>
  );
}
