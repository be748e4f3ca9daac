import { useLanguage, type Language } from './texts';

const ZONE = 'Europe/Rome';

const absolute = (language: Language) =>
  new Intl.DateTimeFormat(language, { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' });

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

export function relative(at: Date, now: Date, language: Language): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1_000);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }).format(
    Math.trunc(seconds / size),
    unit,
  );
}

/** A moment in Europe/Rome, and how long ago where it is asked for; UTC is told by its title. */
export function When({ at, ago = false }: { readonly at: string | null | undefined; readonly ago?: boolean }) {
  const [language] = useLanguage();
  if (!at) return <span aria-hidden="true">—</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${date.toISOString()} (UTC)`} className="text-nowrap">
      {absolute(language).format(date)}
      {ago && <span className="text-secondary"> ({relative(date, new Date(), language)})</span>}
    </time>
  );
}
