import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxArmBuildImage, PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Permission } from '../../permissions/permission.ts';
import { acknowledge } from '../acknowledge.ts';
import { ServiceRole } from '../service-role.ts';

export interface DeliveryBuildProps {
  projectName: string;
  /** Shell commands; the build stops at the first that fails. */
  commands: readonly string[];
  /** ARN of the bucket with the pipeline's artefacts. */
  artefactsArn: string;
  key: IKey;
  /** In addition to reading its input and writing its log. */
  permissions?: readonly Permission[];
  minutes: number;
}

/** A CodeBuild project on ARM that runs commands in the checked-out repository, with a dedicated role. */
export class DeliveryBuild extends Construct {
  readonly project: PipelineProject;

  constructor(scope: Construct, id: string, props: DeliveryBuildProps) {
    super(scope, id);
    const { projectName, key, artefactsArn } = props;
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/millrace/delivery/${projectName}`,
      retention: RetentionDays.THIRTEEN_MONTHS,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { role } = new ServiceRole(this, 'Service', {
      service: 'codebuild.amazonaws.com',
      permissions: [
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [`${logs.logGroupArn}`, `${logs.logGroupArn}:log-stream:*`],
          why: 'streams of its log, which CodeBuild names',
        },
        {
          actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
          resources: [`${artefactsArn}/*`],
          why: 'artefacts, which CodePipeline names',
        },
        { actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] },
        ...(props.permissions ?? []),
      ],
    });
    this.project = new PipelineProject(this, 'Project', {
      projectName,
      role,
      encryptionKey: key,
      timeout: Duration.minutes(props.minutes),
      environment: { buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, computeType: ComputeType.LARGE },
      logging: { cloudWatch: { logGroup: logs } },
      buildSpec: BuildSpec.fromObject({
        version: '0.2',
        env: { 'exported-variables': [], shell: 'bash' },
        phases: {
          install: { 'runtime-versions': { nodejs: 22, python: '3.12' } },
          build: { 'on-failure': 'ABORT', commands: ['set -euo pipefail', ...props.commands] },
        },
      }),
    });
    acknowledge(this.project, {
      rule: 'CodeBuildProjectSourceRepoUrl',
      in: ['HIPAA.Security', 'PCI.DSS.321'],
      reason: 'its source is the checkout of CodePipeline; it has neither the address nor a token of a repository',
    });
  }
}
