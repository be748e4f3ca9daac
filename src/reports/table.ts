/** A report as it is written in every format. */
export interface Table {
  readonly title: string;
  /** First and last day, `2026-11-01`, of Rome. */
  readonly from: string;
  readonly to: string;
  readonly columns: readonly { readonly name: string; readonly title: string }[];
  /** One value for each column; null: there is none. */
  readonly rows: readonly (readonly Value[])[];
}

export type Value = string | number | null;

const FORMULA = /^[=+\-@\t\r\n]/;
/** Where commas are decimal, `;` or a tab begins another cell, inside quotes too where these are not its first sign. */
const INNER = /([;\t\r\n]["' ]*)(?=[=+\-@])/g;

/** Text that no spreadsheet takes for a formula (OWASP, CSV injection). */
export function harmless(text: string): string {
  const start = text.length - text.trimStart().length;
  const inner = text.slice(0, start) + text.slice(start).replaceAll(INNER, "$1'");
  return FORMULA.test(inner.trimStart()) || FORMULA.test(inner) ? `'${inner}` : inner;
}
