/** The column types of drawn definitions: the types that a key may have. */
export const keyTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp'] as const;
export type KeyType = (typeof keyTypes)[number];
