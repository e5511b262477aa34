import { CfnSecurityGroup, CfnSecurityGroupEgress, CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface EmrGroupsProps {
  vpcId: string;
}

/** Ids of security groups. */
export interface EmrGroupIds {
  primary: string;
  workers: string;
  /** For EMR's interface in a private subnet. */
  service: string;
}

/** The three security groups of clusters: nodes talk to each other, to EMR, and over TLS to the services that the network reaches. */
export class EmrGroups extends Construct {
  readonly ids: EmrGroupIds;

  constructor(scope: Construct, id: string, props: EmrGroupsProps) {
    super(scope, id);
    const { vpcId } = props;
    const tags = [{ key: 'for-use-with-amazon-emr-managed-policies', value: 'true' }];
    const group = (name: string, groupDescription: string, tls: boolean) =>
      new CfnSecurityGroup(this, name, {
        vpcId,
        groupDescription,
        tags,
        // Without any egress rule, AWS would allow all egress.
        securityGroupEgress: tls
          ? [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0', description: 'AWS services' }]
          : [{ ipProtocol: 'icmp', fromPort: 8, toPort: -1, cidrIp: '127.0.0.1/32', description: 'nothing' }],
      }).attrGroupId;
    const ids = {
      primary: group('Primary', 'EMR primary nodes', true),
      workers: group('Workers', 'EMR core and task nodes', true),
      service: group('Service', 'EMR into private subnets', false),
    };
    this.ids = ids;
    const allow = (from: keyof EmrGroupIds, to: keyof EmrGroupIds, port?: number) => {
      const what = { ipProtocol: port === undefined ? '-1' : 'tcp', fromPort: port, toPort: port };
      const description = `${from} to ${to}`;
      const name = `${from}-${to}`;
      const ingress = new CfnSecurityGroupIngress(this, `In-${name}`, {
        ...what,
        groupId: ids[to],
        sourceSecurityGroupId: ids[from],
        description,
      });
      if (port === undefined)
        acknowledge(ingress, {
          rule: 'EC2RestrictedCommonPorts',
          in: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
          reason: 'nodes of a cluster talk only to each other, on ports that Spark and YARN choose',
        });
      new CfnSecurityGroupEgress(this, `Out-${name}`, {
        ...what,
        groupId: ids[from],
        destinationSecurityGroupId: ids[to],
        description,
      });
    };
    const nodes = ['primary', 'workers'] as const;
    for (const from of nodes) for (const to of nodes) allow(from, to);
    for (const to of nodes) allow('service', to, 8443);
    allow('primary', 'service', 9443);
  }
}
