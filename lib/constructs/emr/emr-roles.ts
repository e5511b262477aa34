import { Stack } from 'aws-cdk-lib';
import { CfnInstanceProfile } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Permission } from '../../permissions/permission.ts';
import { ServiceRole } from '../service-role.ts';
import type { EmrGroupIds } from './emr-groups.ts';

export interface EmrRolesProps {
  subnetIds: readonly string[];
  groups: EmrGroupIds;
  /** Permissions of the engine on the nodes. */
  permissions: readonly Permission[];
}

/** The two roles of a cluster: EMR's service role, which creates it, and the role of its nodes. */
export class EmrRoles extends Construct {
  readonly service: ServiceRole;
  readonly nodes: ServiceRole;
  readonly profile: CfnInstanceProfile;

  constructor(scope: Construct, id: string, props: EmrRolesProps) {
    super(scope, id);
    this.nodes = new ServiceRole(this, 'NodesService', {
      service: 'ec2.amazonaws.com',
      permissions: props.permissions,
    });
    const { roleName, roleArn } = this.nodes.role;
    this.profile = new CfnInstanceProfile(this, 'Profile', { roles: [roleName] });
    this.service = new ServiceRole(this, 'EmrService', {
      service: 'elasticmapreduce.amazonaws.com',
      permissions: makesClusters(Stack.of(this), props, roleArn),
    });
  }
}

const tagged = (kind: 'RequestTag' | 'ResourceTag') => ({
  StringEquals: { [`aws:${kind}/for-use-with-amazon-emr-managed-policies`]: 'true' },
});
const bound = 'EC2 names it at creation; it must have the EMR tag';
const launch = ['ec2:CreateFleet', 'ec2:RunInstances'];

/** AWS's AmazonEMRServicePolicy_v2, restricted to our network, without actions that our clusters do not need. */
function makesClusters({ partition, region, account }: Stack, props: EmrRolesProps, nodesArn: string): Permission[] {
  const { subnetIds, groups } = props;
  const ec2 = (resource: string) => `arn:${partition}:ec2:${region}:${account}:${resource}`;
  const groupArns = Object.values(groups).map((id) => ec2(`security-group/${id}`));
  const any = (...kinds: string[]) => kinds.map((kind) => ec2(`${kind}/*`));
  return [
    {
      actions: ['ec2:CreateNetworkInterface', ...launch],
      resources: [...subnetIds.map((id) => ec2(`subnet/${id}`)), ...groupArns],
    },
    {
      actions: [...launch, 'ec2:CreateLaunchTemplateVersion'],
      resources: any('launch-template'),
      conditions: tagged('ResourceTag'),
      why: bound,
    },
    {
      actions: ['ec2:CreateLaunchTemplate'],
      resources: any('launch-template'),
      conditions: tagged('RequestTag'),
      why: bound,
    },
    { actions: launch, resources: any('instance', 'volume'), conditions: tagged('RequestTag'), why: bound },
    {
      actions: launch,
      resources: [...any('network-interface', 'fleet'), `arn:${partition}:ec2:${region}::image/ami-*`],
      why: 'launch resources that AWS names: interfaces, a fleet, and an image of the release',
    },
    {
      actions: ['ec2:CreateNetworkInterface'],
      resources: any('network-interface'),
      conditions: tagged('RequestTag'),
      why: bound,
    },
    {
      actions: [
        ...['ec2:DeleteLaunchTemplate', 'ec2:DeleteNetworkInterface', 'ec2:ModifyInstanceAttribute'],
        'ec2:TerminateInstances',
      ],
      resources: any('instance', 'launch-template', 'network-interface'),
      conditions: tagged('ResourceTag'),
      why: bound,
    },
    {
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources: any('instance', 'volume', 'network-interface', 'launch-template'),
      conditions: tagged('ResourceTag'),
      why: bound,
    },
    {
      actions: ['ec2:CreateTags'],
      resources: any('instance', 'volume', 'network-interface', 'launch-template'),
      conditions: {
        StringEquals: {
          'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate', 'CreateNetworkInterface'],
        },
      },
      why: bound,
    },
    {
      actions: [
        ...['DescribeAccountAttributes', 'DescribeCapacityReservations', 'DescribeDhcpOptions', 'DescribeImages'],
        ...['DescribeInstances', 'DescribeInstanceTypeOfferings', 'DescribeLaunchTemplates', 'DescribeNetworkAcls'],
        ...['DescribeNetworkInterfaces', 'DescribePlacementGroups', 'DescribeRouteTables', 'DescribeSecurityGroups'],
        ...['DescribeSubnets', 'DescribeVolumes', 'DescribeVolumeStatus', 'DescribeVpcAttribute'],
        ...['DescribeVpcEndpoints', 'DescribeVpcs'],
      ].map((action) => `ec2:${action}`),
      resources: ['*'],
      why: 'describe actions of EC2 support no resources',
    },
    {
      actions: ['Ingress', 'Egress'].flatMap((way) => [
        `ec2:AuthorizeSecurityGroup${way}`,
        `ec2:RevokeSecurityGroup${way}`,
      ]),
      resources: groupArns,
    },
    {
      actions: ['iam:PassRole'],
      resources: [nodesArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
  ];
}
