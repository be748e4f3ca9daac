import { EntitySchema } from 'typeorm';

/** A business key of a message. */
export interface BusinessKeyRow {
  messageId: string;
  name: string;
  /** The value, normalised; where it is hashed, its HMAC. */
  lookup: string;
  hashed: boolean;
}

const primary = { primary: true, primaryKeyConstraintName: 'business_key_pkey' } as const;

export const BusinessKeyEntity = new EntitySchema<BusinessKeyRow>({
  name: 'BusinessKey',
  tableName: 'business_key',
  columns: {
    messageId: { name: 'message_id', type: 'uuid', ...primary },
    name: { type: 'text', ...primary },
    lookup: { type: 'text', ...primary },
    hashed: { type: 'boolean' },
  },
  indices: [{ name: 'business_key_by_lookup', columns: ['lookup', 'messageId'] }],
});

export interface SearchKeyRow {
  id: number;
  /** The key of the HMACs, sealed where there is a master key. */
  wrapped: string;
}

export const SearchKeyEntity = new EntitySchema<SearchKeyRow>({
  name: 'SearchKey',
  tableName: 'search_key',
  columns: {
    id: { type: 'int', primary: true, primaryKeyConstraintName: 'search_key_pkey' },
    wrapped: { type: 'text' },
  },
});
