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

/** Text that no spreadsheet takes for a formula (OWASP, CSV injection). */
export const harmless = (text: string): string =>
  FORMULA.test(text.trimStart()) || FORMULA.test(text) ? `'${text}` : text;
