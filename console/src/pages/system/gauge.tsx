interface Props {
  readonly name: string;
  /** Says all that the bar shows. */
  readonly text: string;
  /** From 0 to `size`. */
  readonly used: number;
  readonly size: number;
}

/** How full something is, as a text and as a bar. */
export function Gauge({ name, text, used, size }: Props) {
  return (
    <div className="console-gauge">
      <dt>{name}</dt>
      <dd>
        <meter min={0} max={size} high={size * 0.9} optimum={0} value={used} aria-label={`${name}: ${text}`} />
        <span>{text}</span>
      </dd>
    </div>
  );
}
