import { useMemo } from 'react';
import { useLanguage, type Language } from './texts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Counts, sizes and durations as the operator's language writes them. */
export function useNumbers() {
  const [language] = useLanguage();
  return useMemo(() => numbersIn(language), [language]);
}

function numbersIn(language: Language) {
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return {
    count: (value: number) => plain.format(value),
    bytes(value: number) {
      const step = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
      return `${plain.format(value / 1_000 ** step)} ${UNITS[step]}`;
    },
    /** Of milliseconds. */
    duration(ms: number) {
      if (ms < 1_000) return `${plain.format(ms)} ms`;
      if (ms < 120_000) return `${plain.format(ms / 1_000)} s`;
      if (ms < 7_200_000) return `${plain.format(ms / 60_000)} min`;
      return ms < 172_800_000 ? `${plain.format(ms / 3_600_000)} h` : `${plain.format(ms / 86_400_000)} d`;
    },
  };
}
