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
import { bootstrapRoleArn, qualifierIn } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';
import type { Permission } from '../permissions/permission.ts';

/** How changes are delivered to the environments. */
export interface Delivery {
  /** `owner/name` */
  repository: string;
  /** `pipeline`: AWS CodePipeline, with a connection that a person has authorised. `github`: a role for GitHub Actions. */
  by: { kind: 'pipeline'; connectionArn: string; branch: string } | { kind: 'github' };
}

export interface DeliveryStackProps extends StackProps {
  delivery: Delivery;
  /** Prefix of all resource names. */
  prefix: string;
  /**
   * In deployment order; each after the first waits for an approval. An environment in another account must be bootstrapped with
   * `--trust` and `--trust-for-lookup` of this account.
   */
  environments: readonly Environment[];
}

/** Continuous delivery: checks, then one environment after the other. One stack per account, not per environment. */
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
      reason: 'it holds checkouts of a repository, which can be recreated',
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
      build('synth', [withTwin, 'npm run synth -- --limit 15', 'npm run validate'], 20),
      build('tests', [withTwin, 'npm test'], 60),
      build('twin', [withTwin, 'npm run twin'], 60),
    ];
    const deploys = environments.map((environment, position) => {
      const run = (verb: string) => `${goTo(environment)} npm run ${verb} -- --env ${environment.name}`;
      const may = [deploysTo(this, environment)];
      const diff = build(`diff-${environment.name}`, [setup, run('diff')], 20, may);
      const deploy = build(`deploy-${environment.name}`, [setup, run('deploy')], 60, may);
      const question = `Read the log of ${diff.project}: deploy to ${environment.name}?`;
      const approval = position === 0 ? [] : [{ name: 'Approve', question }];
      return { name: environment.name, actions: [diff, ...approval, deploy] };
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

/** Sets the region of the environment, because `deploy` refuses the region of the build if it differs. */
const goTo = ({ region }: Environment) => `AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`;

/** Permission to deploy to one account and region: the build assumes the roles of `cdk bootstrap`, which have all other permissions. */
function deploysTo(scope: Construct, { account = Stack.of(scope).account, region }: Environment): Permission {
  const { partition } = Stack.of(scope);
  const qualifier = qualifierIn((key) => scope.node.tryGetContext(key));
  const roles = ['deploy', 'file-publishing', 'lookup'] as const;
  return {
    actions: ['sts:AssumeRole'],
    resources: roles.map((role) => bootstrapRoleArn(role, { qualifier, partition, account, region })),
  };
}
