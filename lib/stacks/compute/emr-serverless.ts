import type { JobUse } from '../../compute/emr-serverless/emr-serverless.ts';
import { EmrApplication } from '../../constructs/emr/emr-application.ts';
import { ServiceRole } from '../../constructs/service-role.ts';
import { emrOf } from '../../environment/environment.ts';
import { EmrScope } from './emr-scope.ts';
import type { BuiltCompute, ComputeSite } from './site.ts';

/** The EMR Serverless application of a pipeline, and the role of its jobs. */
export function buildServerless(site: ComputeSite): BuiltCompute<JobUse> {
  const { environment, pipelineNames, arns } = site;
  const scope = EmrScope.of(site);
  const { maxVcpus } = emrOf(environment);
  const { application } = new EmrApplication(scope, 'Serverless', { name: pipelineNames.emr, maxVcpus });
  const { role } = new ServiceRole(scope, 'JobsService', {
    service: 'emr-serverless.amazonaws.com',
    permissions: scope.permissions,
  });
  return {
    substitutions: {
      ...scope.substitutions,
      EmrApplication: application.attrApplicationId,
      EmrJobRole: role.roleArn,
    },
    use: { applicationArn: application.attrArn, roleArn: role.roleArn, ruleArn: arns.rule },
    before: scope,
  };
}
