import { RemovalPolicy } from 'aws-cdk-lib';
import { KeyValueTable, type KeyValueTableProps } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { keyArn, onlyOf, plainStack } from '../alone.ts';

function table(more: Partial<KeyValueTableProps> = {}) {
  const { stack, key } = plainStack();
  const usual = { tableName: 'acme-runs', key, removal: RemovalPolicy.RETAIN, deletionProtection: true };
  new KeyValueTable(stack, 'Runs', { ...usual, ...more });
  return onlyOf(stack, 'AWS::DynamoDB::Table');
}

test('a table has the keys pk and sk, is billed by request and can be restored to any second', () => {
  expect(table()).toMatchObject({
    TableName: 'acme-runs',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn },
  });
});

test('it is protected from deletion if declared', () => {
  expect(table().DeletionProtectionEnabled).toBe(true);
  expect(table({ deletionProtection: false }).DeletionProtectionEnabled).toBe(false);
});

test('items expire only by a declared attribute', () => {
  expect(table().TimeToLiveSpecification).toBeUndefined();
  expect(table({ expires: 'until' }).TimeToLiveSpecification).toEqual({ AttributeName: 'until', Enabled: true });
});
