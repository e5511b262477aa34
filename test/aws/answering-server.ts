import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Answer {
  status: number;
  body: string;
}

/** A local server in place of AWS. It gives the answers in order, then 404, and records the requests. */
export interface AnsweringServer {
  asked: Asked[];
  answers: Answer[];
  /** Stops the server and restores the environment variables. */
  close(): Promise<void>;
}

/** Starts a server. Until it is closed, AWS_ENDPOINT_URL points to it, with credentials that it does not check. */
export async function answeringServer(): Promise<AnsweringServer> {
  const before = { ...process.env };
  const asked: Asked[] = [];
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      asked.push({ headers: request.headers, body });
      const answer = answers.shift() ?? { status: 404, body: '' };
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  return {
    asked,
    answers,
    close: async () => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      // Otherwise closing would wait for kept-alive connections.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
