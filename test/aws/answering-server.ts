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

/** A server on this machine in place of AWS. It gives the answers in their order, then 404, and keeps what it was asked. */
export interface AnsweringServer {
  asked: Asked[];
  answers: Answer[];
  /** Ends it, and makes the environment variables what they were. */
  close(): Promise<void>;
}

/** Starts one; until it is closed, AWS_ENDPOINT_URL leads to it, with credentials that it does not look at. */
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
      // Connections are kept alive, and closing would wait for them.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
