import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface DataKeyProps {
  alias: string;
  removal: RemovalPolicy;
}

/** Key administration for the account's administrators; spelled out, because `kms:*` would also cover future actions. */
const administration = [
  ...['CreateAlias', 'UpdateAlias', 'DeleteAlias', 'CreateGrant', 'ListGrants', 'RevokeGrant', 'RetireGrant'],
  ...['DescribeKey', 'UpdateKeyDescription', 'EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
  ...['GetKeyPolicy', 'PutKeyPolicy', 'ListKeyPolicies', 'TagResource', 'UntagResource', 'ListResourceTags'],
  ...['EnableKeyRotation', 'DisableKeyRotation', 'GetKeyRotationStatus', 'ListKeyRotations', 'RotateKeyOnDemand'],
];

const encryption = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'];

const kms = (actions: readonly string[]) => actions.map((action) => `kms:${action}`);

/** The KMS key of an environment, with rotation. Role policies grant its use to roles; the key policy grants it to services that act for us. */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: DataKeyProps) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    const statement = (
      sid: string,
      principal: AccountRootPrincipal | ServicePrincipal,
      actions: readonly string[],
      conditions = {},
    ) =>
      new PolicyStatement({
        sid,
        effect: Effect.ALLOW,
        principals: [principal],
        actions: kms(actions),
        resources: ['*'], // in a key's own policy: this key
        conditions,
      });
    const ours = { StringEquals: { 'aws:SourceAccount': account } };
    const logs = {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
    };
    this.key = new Key(this, 'Key', {
      alias: props.alias,
      description: 'Encrypts the lake, the tables, the queues and the logs of one Millrace environment',
      enableKeyRotation: true,
      removalPolicy: props.removal,
      policy: new PolicyDocument({
        statements: [
          statement('AccountAdministers', new AccountRootPrincipal(), [...administration, ...encryption]),
          statement('LogsOfThisAccount', new ServicePrincipal(`logs.${region}.amazonaws.com`), encryption, logs),
          // A rule, an alarm, a topic or a budget that cannot use the key silently delivers nothing.
          ...['events', 'cloudwatch', 'budgets', 'scheduler', 'sns'].map((service) =>
            statement(
              `${service[0]!.toUpperCase()}${service.slice(1)}Delivers`,
              new ServicePrincipal(`${service}.amazonaws.com`),
              ['Decrypt', 'GenerateDataKey'],
              ours,
            ),
          ),
        ],
      }),
    });
  }
}
