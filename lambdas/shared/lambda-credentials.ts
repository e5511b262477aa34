import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles: Lambda gives credentials as environment variables, and the other
 * ways of finding some (profiles, SSO, web identity) take a fifth of a bundle.
 */
export const defaultProvider = () => fromEnv();
