import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useLanguage } from '../i18n/texts';
import { When } from '../i18n/when';
import { usePartTexts } from './part-texts';

export interface Line {
  readonly name: string;
  readonly colour: string;
  /** Null: nothing was measured. */
  readonly values: readonly (number | null)[];
}

interface Props {
  readonly title: string;
  readonly times: readonly string[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** What was asked for, first and last moment, milliseconds: the axis is of all of it, however little there is. */
  readonly range: readonly [number, number];
}

const HEIGHT = 200;

/** Lines over time; a table says the same to who does not see them. */
export default function Chart({ title, times, lines, format, range }: Props) {
  const t = usePartTexts();
  return (
    <figure className="console-chart">
      <figcaption>{title}</figcaption>
      <Drawing times={times} lines={lines} format={format} title={title} range={range} />
      <details>
        <summary>{t('data')}</summary>
        <div
          className="console-scroll console-chart-data"
          tabIndex={0}
          role="region"
          aria-label={`${t('data')}: ${title}`}
        >
          <table className="table">
            <thead>
              <tr>
                <th scope="col">UTC+1/+2</th>
                {lines.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((at, n) => (
                <tr key={at}>
                  <th scope="row">
                    <When at={at} />
                  </th>
                  {lines.map(({ name, values }) => (
                    <td key={name}>{values[n] === null || values[n] === undefined ? '—' : format(values[n])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Drawing({ title, times, lines, format, range: [from, to] }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [language] = useLanguage();
  useEffect(() => {
    const element = frame.current!;
    const data = [
      times.map((at) => Date.parse(at) / 1_000),
      ...lines.map(({ values }) => [...values]),
    ] as uPlot.AlignedData;
    const plot = new uPlot(
      {
        width: element.clientWidth || 600,
        height: HEIGHT,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1_000), 'Europe/Rome'),
        scales: {
          x: { range: [Math.min(from / 1_000, data[0][0] ?? Infinity), to / 1_000] },
          y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] },
        },
        series: [
          {},
          ...lines.map(({ name, colour }) => ({
            label: name,
            stroke: colour,
            width: 2,
          })),
        ],
        axes: [
          { values: (_plot, marks) => marks.map(timeLabels(marks, language)) },
          { size: 70, values: (_plot, marks) => marks.map(format) },
        ],
        legend: { live: false },
      },
      data,
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [times, lines, format, language, from, to]);
  return <div ref={frame} role="img" aria-label={title} />;
}

const DAY_S = 86_400;

/** Over more than a day, days; else hours and minutes. */
function timeLabels(marks: readonly number[], language: string): (at: number) => string {
  const isLong = (marks.at(-1) ?? 0) - (marks[0] ?? 0) > DAY_S;
  const shown = isLong ? { day: '2-digit', month: '2-digit' } : { hour: '2-digit', minute: '2-digit' };
  const format = new Intl.DateTimeFormat(language, {
    timeZone: 'Europe/Rome',
    ...(shown as Intl.DateTimeFormatOptions),
  });
  return (at) => format.format(at * 1_000);
}
