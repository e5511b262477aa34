import { type Permission, passesRole } from '../../permissions/permission.ts';
import { waitsBy } from '../waiting.ts';
import { prefixTag } from './cluster.ts';

export interface ClusterUse {
  /** Prefix of the environment; its clusters have it as a tag. */
  prefix: string;
  /** Roles of the EMR service and of the nodes. */
  roleArns: { service: string; nodes: string };
  /** Whether runs look for a persistent cluster by name. */
  persistent: boolean;
  /** All clusters; a tag condition restricts them. */
  clusterArns: string;
  /** ARN of an EventBridge rule. */
  ruleArn(name: string): string;
}

/** Names of Step Functions' rules for EMR. */
const rules = ['EMRRunJobFlow', 'EMRAddJobFlowSteps', 'EMRTerminateJobFlows'].map(
  (action) => `StepFunctionsGetEventFor${action}Rule`,
);

export function usesClusters({ prefix, roleArns, persistent, clusterArns, ruleArn }: ClusterUse): Permission[] {
  const tagged = (kind: 'RequestTag' | 'ResourceTag') => ({
    StringEquals: { [`elasticmapreduce:${kind}/${prefixTag}`]: prefix },
  });
  const why = 'clusters of the environment, which EMR names at creation; the tag restricts them';
  return [
    { actions: ['elasticmapreduce:RunJobFlow'], resources: ['*'], conditions: tagged('RequestTag'), why },
    { actions: ['elasticmapreduce:AddTags'], resources: [clusterArns], conditions: tagged('RequestTag'), why },
    {
      actions: ['elasticmapreduce:PutAutoTerminationPolicy'],
      resources: [clusterArns],
      why: 'a request that starts a cluster also sets its idle end, when the cluster has no name and no tag yet',
    },
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
            why: 'listing clusters supports no resources',
          },
        ]
      : []),
    passesRole(roleArns.service, 'elasticmapreduce.amazonaws.com'),
    passesRole(roleArns.nodes, 'ec2.amazonaws.com'),
    waitsBy(rules.map(ruleArn)),
  ];
}
