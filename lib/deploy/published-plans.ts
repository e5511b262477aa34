import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Bootstrap, bootstrapRoleArn } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';
import { type Plan, planSchema } from '../plan/schema.ts';
import { assumedRole, partitionOf } from './account-access.ts';
import { type Template, textOf } from './diff/template.ts';

/**
 * The plans of deployed pipelines, read with the role that published them; the lookup role is denied every KMS key. A pipeline whose
 * template names no plan is left out.
 */
export async function publishedPlans(
  { region }: Environment,
  account: string,
  templates: Readonly<Record<string, unknown>>,
  { qualifier }: Bootstrap,
): Promise<Plan[]> {
  const partition = partitionOf(region);
  const role = bootstrapRoleArn('file-publishing', { qualifier, partition, account, region });
  const credentials = await assumedRole(region, role);
  const client = new S3Client({ region, credentials });
  const places = Object.values(templates).flatMap((template) =>
    placesIn(template as Template, { account, region, partition }),
  );
  return Promise.all(
    places.map(async (place) => {
      const { Body } = await client.send(new GetObjectCommand(place));
      return planSchema.parse(JSON.parse(await Body!.transformToString()));
    }),
  );
}

/** The locations of the plan, from the functions' environment variables. */
function placesIn(
  { Resources = {} }: Template,
  pseudo: { account: string; region: string; partition: string },
): { Bucket: string; Key: string }[] {
  const places = Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    const { PLAN_BUCKET: bucket, PLAN_KEY: key } = Variables;
    return bucket === undefined || key === undefined ? [] : [`${textOf(bucket)}/${textOf(key)}`];
  });
  return [...new Set(places)].map((place) => {
    const text = place
      .replaceAll('${AWS::AccountId}', pseudo.account)
      .replaceAll('${AWS::Region}', pseudo.region)
      .replaceAll('${AWS::Partition}', pseudo.partition);
    const at = text.indexOf('/');
    return { Bucket: text.slice(0, at), Key: text.slice(at + 1) };
  });
}
