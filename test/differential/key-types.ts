/** Types of the columns that the definitions drawn here have: those that can be keys. */
export const keyTypes = ['string', 'boolean', 'int', 'bigint', 'double', 'date', 'timestamp'] as const;
export type KeyType = (typeof keyTypes)[number];
