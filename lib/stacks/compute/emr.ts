import type { ClusterUse } from '../../compute/emr/permissions.ts';
import { EmrRoles } from '../../constructs/emr/emr-roles.ts';
import { EmrSecurity } from '../../constructs/emr/emr-security.ts';
import { emrOf } from '../../environment/environment.ts';
import { EmrScope } from './emr-scope.ts';
import type { BuiltCompute, ComputeSite } from './site.ts';

/** The resources that a run needs to start a cluster or to find the persistent one. */
export function buildClusters(site: ComputeSite): BuiltCompute<ClusterUse> {
  const { environment, plan, key, names, pipelineNames, arns, network } = site;
  if (network === undefined) throw new Error(`${plan.pipeline} has a stage on a cluster: it needs a network`);
  const scope = EmrScope.of(site);
  const { engine, permissions } = scope;
  const { subnetIds, groups } = network;
  const { cluster, maxVcpus } = emrOf(environment);
  const roles = new EmrRoles(scope, 'Roles', { subnetIds, groups, permissions });
  const security = new EmrSecurity(scope, 'Security', { name: pipelineNames.emr, key });
  const persistent = cluster === 'persistent';
  return {
    substitutions: {
      ...scope.substitutions,
      PersistentCluster: persistent ? names.cluster : 'none',
      EmrClusters: pipelineNames.emr,
      EmrPrefix: environment.prefix,
      EmrSubnets: subnetIds.join(','),
      EmrPrimaryGroup: groups.primary,
      EmrWorkerGroup: groups.workers,
      EmrServiceGroup: groups.service,
      EmrMaximumVcpus: `${maxVcpus}`,
      EmrBootstrap: engine.bootstrap,
      EmrServiceRole: roles.service.role.roleName,
      EmrInstanceProfile: roles.profile.ref,
      EmrSecurity: security.configuration.ref,
    },
    use: {
      prefix: environment.prefix,
      roleArns: { service: roles.service.role.roleArn, nodes: roles.nodes.role.roleArn },
      persistent,
      clusterArns: arns.clusters,
      ruleArn: arns.rule,
    },
    before: scope,
  };
}
