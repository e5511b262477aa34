import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One client a process, so that a warm function keeps its connections. */
export const dynamodb = new DynamoDBClient({});

export const text = (value: string) => ({ S: value });
export const number = (value: number) => ({ N: String(value) });

/** Seconds since 1970, as DynamoDB wants a time to live. */
export const expiry = (now: Date, days: number) => number(Math.floor(now.getTime() / 1000) + days * 86_400);
