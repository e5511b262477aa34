import { Stack } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Permission } from '../permissions/permission.ts';
import { acknowledge, wildcardFinding } from './acknowledge.ts';

export interface ServiceRoleProps {
  /** For example `lambda.amazonaws.com`. */
  service: string;
  permissions: readonly Permission[];
  /** Set only if another name is derived from it. */
  roleName?: string;
}

/** A role with exactly these permissions: constructs that use it cannot add any. */
export class ServiceRole extends Construct {
  readonly role: IRole;
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      statements: props.permissions.map(
        ({ actions, resources, conditions }) =>
          new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
      ),
    });
    this.acknowledgeWildcards(props.permissions);
    const role = new Role(this, 'Role', {
      roleName: props.roleName,
      assumedBy: trusted(Stack.of(this), props.service),
      managedPolicies: [this.policy],
    });
    this.role = role.withoutPolicyUpdates();
  }

  private acknowledgeWildcards(permissions: readonly Permission[]): void {
    const reasons = new Map<string, string[]>();
    for (const { actions, resources, why } of permissions) {
      const wild = actions.find((action) => action.includes('*'));
      if (wild !== undefined) throw new Error(`${this.node.path} has the wildcard action ${wild}: list the actions`);
      for (const resource of resources.filter((text) => text.includes('*'))) {
        if (why === undefined) throw new Error(`${this.node.path} has the wildcard resource ${resource}: set "why"`);
        const finding = wildcardFinding(this, resource);
        reasons.set(finding, [...new Set([...(reasons.get(finding) ?? []), why])]);
      }
    }
    for (const [rule, given] of reasons) {
      acknowledge(this.policy, { rule, in: ['AwsSolutions'], reason: given.join('; ') });
    }
  }
}

/**
 * Services that pass a source ARN when they assume a role -> the allowed sources. Without this condition, another account could make the
 * service assume our role (confused deputy). Lambda, EC2, Firehose and Lake Formation pass nothing that a trust policy could check.
 */
const sources: Readonly<Record<string, string>> = {
  glue: 'glue:REGION:ACCOUNT:*',
  states: 'states:REGION:ACCOUNT:stateMachine:*',
  scheduler: 'scheduler:REGION:ACCOUNT:schedule-group/default',
  elasticmapreduce: 'elasticmapreduce:REGION:ACCOUNT:*',
  'emr-serverless': 'emr-serverless:REGION:ACCOUNT:/applications/*',
  codebuild: 'codebuild:REGION:ACCOUNT:project/*',
  codepipeline: 'codepipeline:REGION:ACCOUNT:*',
  'vpc-flow-logs': 'ec2:REGION:ACCOUNT:vpc-flow-log/*',
};

function trusted({ partition, region, account }: Stack, service: string): ServicePrincipal {
  const source = sources[service.slice(0, service.indexOf('.'))];
  if (source === undefined) return new ServicePrincipal(service);
  const arn = `arn:${partition}:${source.replace('REGION', region).replace('ACCOUNT', account)}`;
  return new ServicePrincipal(service, {
    conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': arn } },
  });
}
