import { CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ServiceRole } from '../service-role.ts';

/** An action of a stage: a CodeBuild project, or an approval. */
export type DeliveryAction = { name: string } & ({ project: string; projectArn: string } | { question: string });

export interface DeliveryPipelineProps {
  pipelineName: string;
  source: { connectionArn: string; repository: string; branch: string };
  /** In order. The actions of a stage run in sequence. */
  stages: readonly { name: string; actions: readonly DeliveryAction[] }[];
  bucket: { name: string; arn: string };
  key: IKey;
}

/** A CodePipeline (V2) that starts with each push to a branch; a newer push supersedes a waiting one. */
export class DeliveryPipeline extends Construct {
  readonly pipeline: CfnPipeline;

  constructor(scope: Construct, id: string, props: DeliveryPipelineProps) {
    super(scope, id);
    const { source, stages, bucket, key } = props;
    const projects = stages.flatMap(({ actions }) =>
      actions.flatMap((action) => ('projectArn' in action ? [action.projectArn] : [])),
    );
    const { role } = new ServiceRole(this, 'Service', {
      service: 'codepipeline.amazonaws.com',
      permissions: [
        { actions: ['codeconnections:UseConnection'], resources: [source.connectionArn] },
        { actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'], resources: projects },
        {
          actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
          resources: [`${bucket.arn}/*`],
          why: 'artefacts, which CodePipeline names',
        },
        { actions: ['s3:GetBucketVersioning'], resources: [bucket.arn] },
        { actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] },
      ],
    });
    const checkout = 'Source';
    this.pipeline = new CfnPipeline(this, 'Pipeline', {
      name: props.pipelineName,
      pipelineType: 'V2',
      executionMode: 'SUPERSEDED',
      roleArn: role.roleArn,
      artifactStore: { type: 'S3', location: bucket.name, encryptionKey: { id: key.keyArn, type: 'KMS' } },
      stages: [
        {
          name: 'Source',
          actions: [
            {
              name: 'Checkout',
              actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
              configuration: {
                ConnectionArn: source.connectionArn,
                FullRepositoryId: source.repository,
                BranchName: source.branch,
                DetectChanges: 'true',
                OutputArtifactFormat: 'CODE_ZIP',
              },
              outputArtifacts: [{ name: checkout }],
            },
          ],
        },
        ...stages.map(({ name, actions }) => ({
          name,
          actions: actions.map((action, position) => actionOf(action, position + 1, checkout)),
        })),
      ],
    });
  }
}

function actionOf(action: DeliveryAction, runOrder: number, checkout: string): CfnPipeline.ActionDeclarationProperty {
  if ('question' in action)
    return {
      name: action.name,
      runOrder,
      actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
      configuration: { CustomData: action.question },
    };
  return {
    name: action.name,
    runOrder,
    actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
    configuration: { ProjectName: action.project },
    inputArtifacts: [{ name: checkout }],
  };
}
