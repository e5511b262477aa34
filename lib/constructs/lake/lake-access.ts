import { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPrincipalPermissions, CfnResource } from 'aws-cdk-lib/aws-lakeformation';
import { Construct } from 'constructs';
import { layout } from '../../lake/layout.ts';
import type { Plan } from '../../plan/schema.ts';
import { ServiceRole } from '../service-role.ts';
import { type TableContract, tableContracts } from './table-contracts.ts';

/** A role that reads tables of these layers through the catalog, with Athena or Redshift. */
export interface LakeReader {
  roleArn: string;
  layers: readonly TableContract['layer'][];
}

export interface LakeAccessProps {
  plans: readonly Plan[];
  databaseName: (pipeline: string) => string;
  lakeBucketName: string;
  key: IKey;
  readers: readonly LakeReader[];
}

/**
 * Lake Formation: registers the tables' folders as read-only locations and creates one grant per reader and table. The engine uses paths
 * and its own role, so nothing changes for it. The deploying principal must be a data lake administrator, and the account's default
 * grants to `IAMAllowedPrincipals` must be off: both are account settings, which our stacks never overwrite.
 */
export class LakeAccess extends Construct {
  constructor(scope: Construct, id: string, props: LakeAccessProps) {
    super(scope, id);
    const { plans, databaseName, lakeBucketName, key, readers } = props;
    const { partition, account: catalogId } = Stack.of(this);
    const bucket = `arn:${partition}:s3:::${lakeBucketName}`;
    const folder = (plan: Plan) => layout.tables(plan.pipeline).slice(0, -1);
    const { role } = new ServiceRole(this, 'Location', {
      service: 'lakeformation.amazonaws.com',
      permissions: [
        {
          actions: ['s3:GetObject'],
          resources: plans.map((plan) => `${bucket}/${folder(plan)}/*`),
          why: 'files of tables, which get their names when they are written',
        },
        {
          actions: ['s3:ListBucket'],
          resources: [bucket],
          conditions: { StringLike: { 's3:prefix': plans.map((plan) => `${folder(plan)}/*`) } },
        },
        { actions: ['kms:Decrypt'], resources: [key.keyArn] },
      ],
    });
    for (const plan of plans) {
      const location = new CfnResource(this, `Location-${plan.pipeline}`, {
        resourceArn: `${bucket}/${folder(plan)}`,
        useServiceLinkedRole: false, // it is not allowed to use the key
        roleArn: role.roleArn,
      });
      location.node.addDependency(role);
      const database = databaseName(plan.pipeline);
      for (const [position, { roleArn, layers }] of readers.entries()) {
        const principal = { dataLakePrincipalIdentifier: roleArn };
        const grant = (name: string, resource: CfnPrincipalPermissions.ResourceProperty, permissions: string[]) =>
          new CfnPrincipalPermissions(this, `Reader${position}-${plan.pipeline}-${name}`, {
            principal,
            resource,
            permissions,
            permissionsWithGrantOption: [],
          }).addResourceDependency(location);
        grant('database', { database: { catalogId, name: database } }, ['DESCRIBE']);
        for (const { name, layer } of tableContracts(plan)) {
          if (!layers.includes(layer)) continue;
          grant(name, { table: { catalogId, databaseName: database, name } }, ['DESCRIBE', 'SELECT']);
        }
      }
    }
  }
}
