import { DeliveryPipeline } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { keyArn, onlyOf, plainStack, resourcesFor } from '../alone.ts';

const connectionArn = 'arn:aws:codeconnections:eu-central-1:111122223333:connection/c';
const project = (name: string) => ({
  name,
  project: `acme-${name}`,
  projectArn: `arn:aws:codebuild:::project/${name}`,
});
const { stack, key } = plainStack();
new DeliveryPipeline(stack, 'Pipeline', {
  pipelineName: 'acme',
  source: { connectionArn, repository: 'acme/lake', branch: 'main' },
  stages: [
    { name: 'Checks', actions: [project('tests')] },
    { name: 'prod', actions: [project('diff'), { name: 'Approve', question: 'Deploy?' }, project('deploy')] },
  ],
  bucket: { name: 'acme-artefacts', arn: 'arn:aws:s3:::acme-artefacts' },
  key,
});
const pipeline = onlyOf(stack, 'AWS::CodePipeline::Pipeline');

test('it starts with each push to the branch, and a newer push supersedes one that waits', () => {
  expect(pipeline).toMatchObject({ Name: 'acme', PipelineType: 'V2', ExecutionMode: 'SUPERSEDED' });
  expect(pipeline.Stages[0].Actions[0].Configuration).toMatchObject({
    ConnectionArn: connectionArn,
    FullRepositoryId: 'acme/lake',
    BranchName: 'main',
    DetectChanges: 'true',
  });
});

test('actions of a stage run one after the other, and a person approves before the next ones', () => {
  const [, , prod] = pipeline.Stages;
  interface Action {
    Name: string;
    RunOrder: number;
    ActionTypeId: { Provider: string };
  }
  expect(
    prod.Actions.map(({ Name, RunOrder, ActionTypeId }: Action) => [Name, RunOrder, ActionTypeId.Provider]),
  ).toEqual([
    ['diff', 1, 'CodeBuild'],
    ['Approve', 2, 'Manual'],
    ['deploy', 3, 'CodeBuild'],
  ]);
  expect(prod.Actions[1].Configuration).toEqual({ CustomData: 'Deploy?' });
});

test('each build gets the checked-out source', () => {
  const builds = pipeline.Stages.slice(1)
    .flatMap(({ Actions }: { Actions: { InputArtifacts?: unknown }[] }) => Actions)
    .flatMap(({ InputArtifacts }: { InputArtifacts?: unknown }) => InputArtifacts ?? []);
  expect(builds).toEqual(Array(3).fill({ Name: 'Source' }));
});

test('it may use the connection, start its own projects and store encrypted artefacts', () => {
  expect(resourcesFor(stack, 'codeconnections:UseConnection')).toEqual([connectionArn]);
  expect(resourcesFor(stack, 'codebuild:StartBuild')).toEqual(
    ['tests', 'diff', 'deploy'].map((name) => project(name).projectArn),
  );
  expect(pipeline.ArtifactStore).toEqual({
    Type: 'S3',
    Location: 'acme-artefacts',
    EncryptionKey: { Id: keyArn, Type: 'KMS' },
  });
});
