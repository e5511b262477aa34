import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';
import type { Deployed } from './deployed-pipeline.ts';
import type { CloudPorts, LogPort } from './ports.ts';

export interface Opened {
  deployed: Deployed;
  ports: CloudPorts;
  logs: LogPort;
}

/** A deployed pipeline, ready to be asked. The SDK is loaded here and not before: verbs that stay on this machine start without it. */
export async function openPipeline(environment: Environment, pipeline: string): Promise<Opened> {
  if (pipeline.includes('/')) {
    const hint = `name one of ${environment.pipelines.join(', ')}`;
    throw fault('MR692', pipeline, 'a deployed pipeline is named, not given as a path', hint, 2);
  }
  // Said on every start otherwise. What the SDK needs of Node is for package.json to say.
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
