import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export const LANGUAGES = ['it', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEPT = 'crocevia.language';

type Dictionary = Readonly<Record<string, string>>;
type Plain<K extends string> = K extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : K;
export type Say<T> = (key: Plain<keyof T & string>, values?: Record<string, string | number>) => string;

/** Call it once, before the first page. */
export function startTexts(): void {
  const kept = window.localStorage.getItem(KEPT);
  const lng = LANGUAGES.find((one) => one === kept) ?? 'it';
  void i18next.use(initReactI18next).init({
    lng,
    fallbackLng: 'it',
    interpolation: { escapeValue: false },
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    resources: BEFORE,
  });
  document.documentElement.lang = lng;
}

const BEFORE: Record<Language, Record<string, Dictionary>> = { it: {}, en: {} };

/**
 * The texts of a page, in both languages; `name_one` and `name_other` are one text with `count`. Returns the hook that says them in the
 * language of the operator.
 */
export function texts<const T extends Dictionary>(
  page: string,
  it: T,
  en: { readonly [K in keyof T]: string },
): () => Say<T> {
  for (const [language, words] of [
    ['it', it],
    ['en', en],
  ] as const) {
    if (i18next.isInitialized) i18next.addResourceBundle(language, page, words);
    else BEFORE[language][page] = words;
  }
  return () => useTranslation(page).t as unknown as Say<T>;
}

export function useLanguage(): readonly [Language, (next: Language) => void] {
  const { i18n } = useTranslation();
  const change = (next: Language) => {
    window.localStorage.setItem(KEPT, next);
    document.documentElement.lang = next;
    void i18n.changeLanguage(next);
  };
  return [i18n.language as Language, change];
}
