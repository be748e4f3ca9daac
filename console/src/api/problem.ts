export interface DocumentProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** A refusal of the operators' API: RFC 9457, with a code of docs/faults.md. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly code: string | null,
    readonly title: string,
    readonly detail: string | null,
    readonly expected: string | null,
    /** Seconds, where the gateway says when to come again. */
    readonly retryAfter: number | null,
    /** Of documents of the registry: each with its place. */
    readonly problems: readonly DocumentProblem[] = [],
  ) {
    super(detail ?? title);
  }

  static async of(response: Response): Promise<ProblemError> {
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    const text = (name: string) => (typeof body[name] === 'string' ? body[name] : null);
    const wait = Number(response.headers.get('retry-after') ?? NaN);
    return new ProblemError(
      response.status,
      text('code'),
      text('title') ?? `HTTP ${response.status}`,
      text('detail'),
      text('expected'),
      Number.isFinite(wait) ? wait : null,
      Array.isArray(body['problems']) ? (body['problems'] as DocumentProblem[]) : [],
    );
  }
}
