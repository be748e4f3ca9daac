import { EntitySchema } from 'typeorm';

/** A key pair of the token endpoint; `private_jwk` as the port wrote it. */
export interface SigningKeyRow {
  kid: string;
  created_at: Date;
  private_jwk: string;
}

/** An assertion that a client has used: a second time it is refused. */
export interface UsedAssertionRow {
  client_id: string;
  jti: string;
  until: Date;
}

export const SigningKeyEntity = new EntitySchema<SigningKeyRow>({
  name: 'SigningKey',
  tableName: 'signing_key',
  columns: {
    kid: { type: 'text', primary: true, primaryKeyConstraintName: 'signing_key_pkey' },
    created_at: { type: 'timestamptz' },
    private_jwk: { type: 'text' },
  },
});

export const UsedAssertionEntity = new EntitySchema<UsedAssertionRow>({
  name: 'UsedAssertion',
  tableName: 'used_assertion',
  columns: {
    client_id: { type: 'text', primary: true, primaryKeyConstraintName: 'used_assertion_pkey' },
    jti: { type: 'text', primary: true, primaryKeyConstraintName: 'used_assertion_pkey' },
    until: { type: 'timestamptz' },
  },
  indices: [{ name: 'used_assertion_over', columns: ['until'] }],
});
