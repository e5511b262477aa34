import { Stack } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';

/** Matches events of new objects in folders of a bucket; each folder ends in `/`. */
export const newObjects = (scope: Construct, bucketName: string, folders: readonly string[]): EventPattern => ({
  account: [Stack.of(scope).account],
  source: ['aws.s3'],
  detailType: ['Object Created'],
  detail: {
    bucket: { name: [bucketName] },
    object: { key: folders.map((prefix) => ({ prefix })) },
  },
});
