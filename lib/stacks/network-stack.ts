import { Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type EmrGroupIds, EmrGroups } from '../constructs/emr/emr-groups.ts';
import { PrivateNetwork } from '../constructs/network.ts';
import { type Environment, emrOf } from '../environment/environment.ts';
import { namesOf } from '../environment/names.ts';

/** The network of EMR clusters. */
export interface EmrNetwork {
  subnetIds: readonly string[];
  groups: EmrGroupIds;
}

export interface NetworkStackProps extends StackProps {
  environment: Environment;
  /** The key of the data stack. */
  key: IKey;
}

/** The network of clusters: a new private network or an existing one, in both cases with new security groups. */
export class NetworkStack extends Stack {
  readonly network: EmrNetwork;
  private readonly zones: readonly string[];

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    const { environment, key: dataKey, ...rest } = props;
    super(scope, id, rest);
    const { network } = emrOf(environment);
    const zones = 'zones' in network ? network.zones : 0;
    this.zones = [...Array(zones).keys()].map((i) => Fn.select(i, Fn.getAzs()));
    if (!('zones' in network)) {
      const groups = new EmrGroups(this, 'Groups', { vpcId: network.vpcId });
      this.network = { subnetIds: network.subnetIds, groups: groups.ids };
      return;
    }
    const names = namesOf(environment);
    const created = new PrivateNetwork(this, 'Network', {
      name: names.network,
      zones,
      key: Key.fromKeyArn(this, 'Key', dataKey.keyArn),
      logGroupName: `/millrace/${environment.prefix}/network`,
      logDays: environment.retentionDays.logs,
    });
    const { ids } = new EmrGroups(this, 'Groups', { vpcId: created.vpc.vpcId });
    for (const [name, sourceSecurityGroupId] of Object.entries(ids)) {
      if (name === 'service') continue;
      new CfnSecurityGroupIngress(this, `Endpoints-${name}`, {
        groupId: created.endpoints.securityGroupId,
        sourceSecurityGroupId,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: `${name} nodes to AWS services`,
      });
    }
    this.network = { subnetIds: created.vpc.isolatedSubnets.map((subnet) => subnet.subnetId), groups: ids };
  }

  /** Zones by index, so that synthesis needs no lookup in an account. */
  override get availabilityZones(): string[] {
    return [...this.zones];
  }
}
