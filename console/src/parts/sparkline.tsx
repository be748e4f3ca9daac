/** A row of small bars beside its numbers, which say the same; not read out. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const most = Math.max(1, ...values);
  const path = values.map((value, n) => `M${n * 3} 20V${20 - Math.round((value / most) * 18)}`).join('');
  return (
    <svg aria-hidden="true" width={values.length * 3} height="20" viewBox={`-1 0 ${values.length * 3} 20`}>
      <path d={path} stroke="#0066cc" strokeWidth="2" />
    </svg>
  );
}
