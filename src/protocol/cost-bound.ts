/** A bound for the steps of a validation: `factor` times the bytes of the document to the power of `degree`. */
export interface Cost {
  readonly factor: number;
  readonly degree: number;
}

/** For a schema that nobody can bound, or that takes long to compile. */
export const UNBOUNDED: Cost = { factor: Infinity, degree: 1 };
