import {
  CfnFlowLog,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { serviceLogs } from './service-logs.ts';
import { ServiceRole } from './service-role.ts';

export interface PrivateNetworkProps {
  name: string;
  /** Number of zones, each with a subnet. More zones make capacity more likely and endpoints more expensive. */
  zones: number;
  key: IKey;
  logGroupName: string;
  logDays: RetentionDays;
}

/** Services that a private network reaches through an endpoint in each subnet. */
const services = {
  Emr: InterfaceVpcEndpointAwsService.EMR,
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
};

/** A network without internet access: private subnets, endpoints of the needed services, flow logs. */
export class PrivateNetwork extends Construct {
  readonly vpc: Vpc;
  /** Security group of the endpoints; callers need an ingress rule here. */
  readonly endpoints: SecurityGroup;

  constructor(scope: Construct, id: string, props: PrivateNetworkProps) {
    super(scope, id);
    const { name, zones, key, logGroupName } = props;
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: name,
      ipAddresses: IpAddresses.cidr('10.96.0.0/18'),
      maxAzs: zones,
      natGateways: 0,
      subnetConfiguration: [{ name: 'private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 }],
      // The L2 property would add a function with another role.
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    acknowledge(this.vpc, {
      rule: 'VPCDefaultSecurityGroupClosed',
      in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
      reason: 'the default group has no members and admits only members',
    });
    this.endpoints = new SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc,
      description: 'AWS service endpoints',
      allowAllOutbound: false,
    });
    for (const [name, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(name, { service, securityGroups: [this.endpoints], open: false });
    }

    const logs = serviceLogs(this, 'Flows', { logGroupName, key, days: props.logDays });
    const role = new ServiceRole(this, 'FlowsService', {
      service: 'vpc-flow-logs.amazonaws.com',
      permissions: [
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [logs.logGroupArn],
          why: 'streams of its log group, which get their names when they are created',
        },
      ],
    });
    new CfnFlowLog(this, 'FlowLog', {
      resourceId: this.vpc.vpcId,
      resourceType: 'VPC',
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logGroupName,
      deliverLogsPermissionArn: role.role.roleArn,
    }).node.addDependency(logs);
  }
}
