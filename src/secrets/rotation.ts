/** What a step of a rotation has sealed anew, and how much is to be done still. */
export interface RotatedKeys {
  readonly done: number;
  readonly left: number;
}

/** Seals with the first master key what was sealed with another one, or lies in clear. May be called until nothing is left. */
export interface KeyRotation {
  /** Null where there is no master key. Throws Fault store-unavailable, internal where a key is missing. */
  rotate(limit: number): Promise<RotatedKeys | null>;
}
