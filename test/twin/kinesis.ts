import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The client speaks HTTP/2 by default, which the emulator does not. */
export const kinesisClient = (region: string) => new KinesisClient({ region, requestHandler: new NodeHttpHandler() });
