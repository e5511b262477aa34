import { LakeAccess } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { churn } from '../../stacks/synthesised.ts';
import { account, keyArn, onlyOf, plainStack, propertiesOf, resourcesFor, statementsIn } from '../alone.ts';

const analysts = `arn:aws:iam::${account}:role/analysts`;
const { stack, key } = plainStack();
new LakeAccess(stack, 'Access', {
  plans: [churn],
  databaseName: (pipeline) => `acme_${pipeline}`,
  lakeBucketName: 'acme-lake',
  key,
  readers: [{ roleArn: analysts, layers: ['gold'] }],
});
const grants = propertiesOf(stack, 'AWS::LakeFormation::PrincipalPermissions');
const ofTables = grants.filter(({ Resource }) => Resource.Table !== undefined);

test('a reader is granted only the tables of its layers', () => {
  const gold = churn.tasks.flatMap((task) =>
    task.kind === 'predict' ? [task.table] : task.kind === 'transform' && task.layer === 'gold' ? [task.name] : [],
  );
  expect(gold.length).toBeGreaterThan(1);
  expect(ofTables.map(({ Resource }) => Resource.Table.Name).sort()).toEqual(gold.sort());
  for (const { Principal, Permissions, PermissionsWithGrantOption } of ofTables) {
    expect(Principal).toEqual({ DataLakePrincipalIdentifier: analysts });
    expect(Permissions).toEqual(['DESCRIBE', 'SELECT']);
    expect(PermissionsWithGrantOption).toEqual([]);
  }
});

test('it may see the database, but not its other tables', () => {
  expect(grants.filter(({ Resource }) => Resource.Database !== undefined)).toMatchObject([
    { Resource: { Database: { CatalogId: account, Name: 'acme_churn' } }, Permissions: ['DESCRIBE'] },
  ]);
});

test("Lake Formation issues credentials for the pipeline's folder, from a role that can only read there", () => {
  expect(onlyOf(stack, 'AWS::LakeFormation::Resource')).toMatchObject({
    ResourceArn: 'arn:aws:s3:::acme-lake/lake/churn',
    UseServiceLinkedRole: false,
  });
  expect(resourcesFor(stack, 's3:GetObject')).toEqual(['arn:aws:s3:::acme-lake/lake/churn/*']);
  expect(resourcesFor(stack, 'kms:Decrypt')).toEqual([keyArn]);
  const writing = statementsIn(stack).flatMap(({ Action }) => [Action].flat().filter((a) => /Put|Delete/.test(a)));
  expect(writing).toEqual([]);
});
