import { type Permission, passesRole } from '../../permissions/permission.ts';
import { waitsBy } from '../waiting.ts';
import { prefixTag } from './cluster.ts';

export interface ClusterUse {
  /** Of the environment; its clusters carry it as a tag. */
  prefix: string;
  /** Of the cluster's service and of its nodes. */
  roleArns: { service: string; nodes: string };
  /** Whether one is looked for by its name. */
  persistent: boolean;
  /** All clusters; a tag bounds which. */
  clusterArns: string;
  /** ARN of a rule of EventBridge. */
  ruleArn(name: string): string;
}

/** Step Functions names its rules so. */
const rules = ['EMRRunJobFlow', 'EMRAddJobFlowSteps', 'EMRTerminateJobFlows'].map(
  (of) => `StepFunctionsGetEventFor${of}Rule`,
);

export function usesClusters({ prefix, roleArns, persistent, clusterArns, ruleArn }: ClusterUse): Permission[] {
  const tagged = (kind: 'RequestTag' | 'ResourceTag') => ({
    StringEquals: { [`elasticmapreduce:${kind}/${prefixTag}`]: prefix },
  });
  const why = 'clusters of the environment, which EMR names when they are made; the tag bounds them';
  return [
    { actions: ['elasticmapreduce:RunJobFlow'], resources: ['*'], conditions: tagged('RequestTag'), why },
    { actions: ['elasticmapreduce:AddTags'], resources: [clusterArns], conditions: tagged('RequestTag'), why },
    {
      actions: ['AddJobFlowSteps', 'CancelSteps', 'DescribeCluster', 'DescribeStep', 'TerminateJobFlows'].map(
        (action) => `elasticmapreduce:${action}`,
      ),
      resources: [clusterArns],
      conditions: tagged('ResourceTag'),
      why,
    },
    ...(persistent
      ? [
          {
            actions: ['elasticmapreduce:ListClusters'],
            resources: ['*'],
            why: 'EMR lets no cluster be named in a list',
          },
        ]
      : []),
    passesRole(roleArns.service, 'elasticmapreduce.amazonaws.com'),
    passesRole(roleArns.nodes, 'ec2.amazonaws.com'),
    waitsBy(rules.map(ruleArn)),
  ];
}
