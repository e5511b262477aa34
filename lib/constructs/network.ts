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
  /** Zones with a subnet each; the more, the more likely is capacity, and the dearer are the endpoints. */
  zones: number;
  key: IKey;
  logGroupName: string;
  logDays: RetentionDays;
}

/** What a private network reaches by an endpoint in each subnet: EMR itself, the key, logs. */
const services = {
  Emr: InterfaceVpcEndpointAwsService.EMR,
  Kms: InterfaceVpcEndpointAwsService.KMS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
};

/** A network without a way to the internet: private subnets, endpoints of the services that are needed, flow logs. */
export class PrivateNetwork extends Construct {
  readonly vpc: Vpc;
  /** Of the endpoints; what may call them is let in here. */
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
      // The L2 switch would bring a function with a role of its own.
      restrictDefaultSecurityGroup: false,
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    acknowledge(this.vpc, {
      rule: 'VPCDefaultSecurityGroupClosed',
      in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
      reason: 'nothing is in the default group, which only lets its own members in',
    });
    this.endpoints = new SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc,
      description: 'Endpoints of AWS services',
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
          why: 'the streams of its own log group, which have no names before they exist',
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
