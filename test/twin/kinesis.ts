import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The client uses HTTP/2 by default, but the emulator does not support it. */
export const kinesisClient = (region: string) => new KinesisClient({ region, requestHandler: new NodeHttpHandler() });
