import { type ClientRequest, createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call to AWS: `PUT /bucket/key`, or `POST /` with the action in `target`. */
export interface PassingCall {
  method: string;
  path: string;
  /** Such as `DynamoDB_20120810.PutItem`; empty for S3. */
  target: string;
  body: string;
}

/** `unheard`: the call never arrives. `unanswered`: it arrives, but its answer is lost. `refused`: the service is unavailable. */
export type Fate = 'unheard' | 'unanswered' | 'refused';

/** A proxy between a function and the services that it calls. By default it passes everything on. */
export interface Between extends AsyncDisposable {
  endpoint: string;
  /** Applies this fate to the next `times` matching calls. Returns a function that counts those so far. */
  befall(fate: Fate, fits: (call: PassingCall) => boolean, times?: number): () => number;
  /** Passes everything on again. */
  clear(): void;
}

/** Starts the proxy on a free port of 127.0.0.1. `endpoint` is that of the services. */
export async function standBetween(endpoint: string): Promise<Between> {
  let rule: { fate: Fate; fits: (call: PassingCall) => boolean; left: number } | undefined;
  const silent = new Set<ServerResponse>();
  const server = createServer(async (asked, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = {
      method: asked.method!,
      path: asked.url!,
      target: String(asked.headers['x-amz-target'] ?? ''),
      body: body.toString('latin1'),
    };
    const fate = rule !== undefined && rule.left > 0 && rule.fits(call) ? rule.fate : undefined;
    if (fate !== undefined) rule!.left -= 1;
    if (fate === 'refused') return void answer.writeHead(500).end();
    if (fate !== undefined) silent.add(answer);
    if (fate === 'unheard') return;
    const onward: ClientRequest = request(
      endpoint + asked.url,
      { method: asked.method!, headers: asked.headers },
      (said) => {
        if (fate === 'unanswered') return void said.resume();
        answer.writeHead(said.statusCode!, said.headers);
        said.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    onward.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    befall(fate, fits, times = 1) {
      const made = { fate, fits, left: times };
      rule = made;
      return () => times - made.left;
    },
    clear() {
      rule = undefined;
      for (const answer of silent) answer.destroy();
      silent.clear();
    },
    [Symbol.asyncDispose]: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
