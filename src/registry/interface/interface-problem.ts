/** Where in a published interface something is wrong, and whether it can be used nevertheless. */
export interface InterfacePlace {
  /** Path of the interface file, as it was read. */
  readonly file: string;
  readonly line: number;
  /** Default: error. */
  readonly severity?: Severity;
}

export type Severity = 'error' | 'warning';

/** One thing wrong in one file of a published interface. */
export interface InterfaceProblem {
  readonly severity: Severity;
  /** Relative to the root of the bundle. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** Notes what is wrong; without a place it is said of the interface as a whole. */
export type NoteInterface = (message: string, hint: string, at?: InterfacePlace) => void;

/** The line, from 1, of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
