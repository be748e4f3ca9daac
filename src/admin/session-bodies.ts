import { compiled, type Compiled } from './checked.js';
import { wrong } from './query-values.js';

/** Without NUL, which no database takes. */
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, pattern: '^[^\\u0000]*$' });
const PASSWORD = text(512);
const CODE = { ...text(64), description: 'six digits, or a recovery code' };

const body = (properties: Record<string, object>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required: [...required],
  additionalProperties: false,
});

/** What the doors of sessions take. */
export const SESSION_BODIES = {
  LogIn: body({ operator: text(64), password: PASSWORD, code: CODE }, ['operator', 'password']),
  Proof: body({ password: PASSWORD, code: CODE }, ['password']),
  NewPassword: body({ password: PASSWORD, code: CODE, newPassword: PASSWORD }, ['password', 'newPassword']),
  Code: body({ code: CODE }, ['code']),
};

interface Bodies {
  readonly LogIn: { readonly operator: string; readonly password: string; readonly code?: string };
  readonly Proof: { readonly password: string; readonly code?: string };
  readonly NewPassword: { readonly password: string; readonly code?: string; readonly newPassword: string };
  readonly Code: { readonly code: string };
}

const SCHEMAS = Object.fromEntries(
  Object.entries(SESSION_BODIES).map(([name, schema]) => [name, compiled(schema)]),
) as Record<keyof Bodies, Compiled>;

/** Throws parameter-wrong, and quotes nothing of what was sent. */
export function bodyOf<K extends keyof Bodies>(name: K, sent: unknown): Bodies[K] {
  const validate = SCHEMAS[name]();
  if (validate(sent)) return sent as Bodies[K];
  const { instancePath, params } = validate.errors![0]!;
  const missing: unknown = params['missingProperty'];
  const place = typeof missing === 'string' ? missing : instancePath.slice(1) || 'body';
  throw wrong(place, `JSON with ${Object.keys(SESSION_BODIES[name].properties).join(', ')}`);
}
