import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Permission } from '../../permissions/permission.ts';

export interface DeliveryGithubProps {
  roleName: string;
  /** `owner/name` */
  repository: string;
  /** GitHub environments; a job that names one of them can assume the role, after the review that the environment requires. */
  environments: readonly string[];
  permissions: readonly Permission[];
}

const issuer = 'token.actions.githubusercontent.com';

/** A role that GitHub Actions jobs assume for an hour with a GitHub token, so GitHub stores no AWS keys. */
export class DeliveryGithub extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: DeliveryGithubProps) {
    super(scope, id);
    const provider = new OidcProviderNative(this, 'Provider', {
      url: `https://${issuer}`,
      clientIds: ['sts.amazonaws.com'],
    });
    const subjects = props.environments.map((name) => `repo:${props.repository}:environment:${name}`);
    this.role = new Role(this, 'Role', {
      roleName: props.roleName,
      maxSessionDuration: Duration.hours(1),
      assumedBy: new WebIdentityPrincipal(provider.oidcProviderArn, {
        StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: subjects },
      }),
      managedPolicies: [
        new ManagedPolicy(this, 'Policy', {
          statements: props.permissions.map(
            ({ actions, resources }) => new PolicyStatement({ actions: [...actions], resources: [...resources] }),
          ),
        }),
      ],
    });
  }
}
