import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';
import type { Deployed } from './deployed-pipeline.ts';
import type { CloudPorts, LogPort } from './ports.ts';

export interface Opened {
  deployed: Deployed;
  ports: CloudPorts;
  logs: LogPort;
}

/** Connects to a deployed pipeline. The SDK is loaded only here, so that local verbs start without it. */
export async function openPipeline(environment: Environment, pipeline: string): Promise<Opened> {
  if (pipeline.includes('/')) {
    const hint = `use one of ${environment.pipelines.join(', ')}`;
    throw fault('MR692', pipeline, 'a deployed pipeline must be given by name, not as a path', hint, 2);
  }
  // Otherwise the SDK warns on every start; package.json defines the required Node version.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const [{ deployedPipeline }, { awsPorts }, { awsLogs }] = await Promise.all([
    import('./deployed-pipeline.ts'),
    import('./aws-ports.ts'),
    import('./aws-logs.ts'),
  ]);
  const deployed = await deployedPipeline(environment, pipeline);
  const logs = awsLogs(environment.region);
  return { deployed, ports: awsPorts(deployed, logs), logs };
}
