import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One client per process, so that a warm function keeps its connections. */
export const dynamodb = new DynamoDBClient({});

export const text = (value: string) => ({ S: value });
export const number = (value: number) => ({ N: String(value) });

/** A time to live in seconds since 1970, as DynamoDB expects. */
export const expiry = (now: Date, days: number) => number(Math.floor(now.getTime() / 1000) + days * 86_400);
