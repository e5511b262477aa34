import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { DeliveryBuild } from '../constructs/delivery/delivery-build.ts';
import { DeliveryGithub } from '../constructs/delivery/delivery-github.ts';
import { DeliveryPipeline } from '../constructs/delivery/delivery-pipeline.ts';
import { AccessLogBucket } from '../constructs/lake/access-log-bucket.ts';
import { DataKey } from '../constructs/lake/data-key.ts';
import { sealed } from '../constructs/lake/lake-bucket.ts';
import { bootstrapRoleArn } from '../environment/bootstrap-roles.ts';
import type { Environment } from '../environment/environment.ts';
import type { Permission } from '../permissions/permission.ts';

/** How changes get to the environments. */
export interface Delivery {
  /** `owner/name` */
  repository: string;
  /** `pipeline`: AWS CodePipeline, from a connection that someone has authorised. `github`: a role for GitHub Actions. */
  by: { kind: 'pipeline'; connectionArn: string; branch: string } | { kind: 'github' };
}

export interface DeliveryStackProps extends StackProps {
  delivery: Delivery;
  /** Leads the names of what is made. */
  prefix: string;
  /**
   * In the order in which they are deployed; each after the first waits for a person. One in another account is deployed to where that
   * was bootstrapped with `--trust` and `--trust-for-lookup` of this one.
   */
  environments: readonly Environment[];
}

/** Continuous delivery: checks, then environment after environment. Of an account, not of an environment. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { delivery, prefix, environments } = props;
    if (delivery.by.kind === 'pipeline') this.pipeline(delivery.repository, delivery.by, prefix, environments);
    else this.github(delivery.repository, prefix, environments);
  }

  private github(repository: string, prefix: string, environments: readonly Environment[]): void {
    const roles = environments.flatMap((environment) => deploysTo(this, environment).resources);
    const permissions: Permission[] = [{ actions: ['sts:AssumeRole'], resources: [...new Set(roles)] }];
    const { role } = new DeliveryGithub(this, 'Github', {
      roleName: `${prefix}-github`,
      repository,
      environments: environments.map(({ name }) => name),
      permissions,
    });
    new CfnOutput(this, 'RoleArn', { value: role.roleArn, description: 'AWS_DELIVERY_ROLE of the GitHub repository' });
  }

  private pipeline(
    repository: string,
    source: { connectionArn: string; branch: string },
    prefix: string,
    environments: readonly Environment[],
  ): void {
    const removal = RemovalPolicy.RETAIN;
    const { key } = new DataKey(this, 'Key', { alias: `alias/${prefix}-delivery`, removal });
    const name = (kind: string) => `${prefix}-${kind}-${this.account}-${this.region}`;
    const logs = new AccessLogBucket(this, 'AccessLogs', { bucketName: name('logs'), removal, keepDays: 400 });
    const artefacts = new Bucket(this, 'Artefacts', {
      bucketName: name('artefacts'),
      ...sealed(key),
      serverAccessLogsBucket: logs.bucket,
      removalPolicy: removal,
      lifecycleRules: [{ expiration: Duration.days(30), noncurrentVersionExpiration: Duration.days(7) }],
    });
    acknowledge(artefacts, {
      rule: 'S3BucketReplicationEnabled',
      in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
      reason: 'it holds checkouts of a repository, which are made again from it',
    });
    const build = (part: string, commands: string[], minutes: number, permissions: Permission[] = []) => {
      const id = part[0]!.toUpperCase() + part.slice(1);
      const projectName = `${prefix}-${part}`;
      const artefactsArn = artefacts.bucketArn;
      const made = new DeliveryBuild(this, id, { projectName, commands, artefactsArn, key, permissions, minutes });
      return { name: id, project: projectName, projectArn: made.project.projectArn };
    };
    const setup = 'node scripts/setup.mjs';
    const withTwin = `${setup} --twin`;
    const checks = [
      build('synth', [withTwin, 'npm run synth', 'npm run cfn-lint'], 20),
      build('tests', [withTwin, 'npm test'], 60),
      build('twin', [withTwin, 'npm run twin'], 60),
    ];
    const deploys = environments.map((environment, position) => {
      const run = (verb: string) => `${goTo(environment)} npm run ${verb} -- --env ${environment.name}`;
      const may = [deploysTo(this, environment)];
      const diff = build(`diff-${environment.name}`, [setup, run('diff')], 20, may);
      const deploy = build(`deploy-${environment.name}`, [setup, run('deploy')], 60, may);
      const question = `Read the log of ${diff.project}: deploy to ${environment.name}?`;
      const asked = position === 0 ? [] : [{ name: 'Approve', question }];
      return { name: environment.name, actions: [diff, ...asked, deploy] };
    });
    const { pipeline } = new DeliveryPipeline(this, 'Pipeline', {
      pipelineName: prefix,
      source: { ...source, repository },
      stages: [{ name: 'Checks', actions: checks }, ...deploys],
      bucket: { name: artefacts.bucketName, arn: artefacts.bucketArn },
      key,
    });
    new CfnOutput(this, 'PipelineName', { value: pipeline.ref });
  }
}

/** A build's own region is where the builds are, which `deploy` would refuse for an environment that is elsewhere. */
const goTo = ({ region }: Environment) => `AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`;

/** Lets a build deploy to one account and region: it assumes the roles that `cdk bootstrap` made, which may do and read the rest. */
function deploysTo(scope: Construct, { account = Stack.of(scope).account, region }: Environment): Permission {
  const { partition } = Stack.of(scope);
  const roles = ['deploy', 'file-publishing', 'lookup'] as const;
  return {
    actions: ['sts:AssumeRole'],
    resources: roles.map((role) => bootstrapRoleArn(role, { partition, account, region })),
  };
}
