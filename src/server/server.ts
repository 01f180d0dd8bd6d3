import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isExpected, messageOf, PersonFault, Transient, traceOf } from '../util/errors.ts';
import type { Api, Line, Verb } from './api.ts';
import { type Asker, askerOf, CALLER } from './asker.ts';
import { readBody, send } from './wire.ts';

/** What the daemon does for each verb. `emit` sends an event to whoever asked, the `asker`. */
export type Handlers = {
  [V in Verb]: (
    request: Api[V]['request'],
    emit: (event: Api[V]['event']) => void,
    asker: Asker,
  ) => Promise<Api[V]['answer']>;
};

/** A site file of 1 MiB and some. */
const LARGEST = 2 * 1024 * 1024;

/**
 * Serves the verbs on a unix socket only root can reach. Answers are newline-delimited JSON. `scrub` goes over
 * all that is told besides them: events and errors.
 */
export async function serve(
  socket: string,
  handlers: Handlers,
  log: (text: string) => void,
  scrub: (text: string) => string = (text) => text,
): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, handlers, scrub).catch((error: unknown) => {
      log(isExpected(error) ? error.message : traceOf(error));
      const { kind, message } = describe(error);
      send(response, { error: { kind, message: scrub(message) } } satisfies Line);
      response.end();
    });
  });
  rmSync(socket, { force: true }); // we hold the site's lock, so whoever made it is gone
  const listening = once(server, 'listening'); // rejects with an error event
  const before = process.umask(0o177);
  server.listen(socket); // makes the socket before it returns, so that nothing else is made under this mask
  process.umask(before);
  await listening;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Handlers,
  scrub: (text: string) => string,
): Promise<void> {
  const verb = (request.url ?? '').slice(1);
  if (request.method !== 'POST' || !Object.hasOwn(handlers, verb)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  const body = await readBody(request, LARGEST);
  response.setHeader('content-type', 'application/x-ndjson');
  const handler = handlers[verb as Verb] as (
    body: unknown,
    emit: (event: unknown) => void,
    asker: Asker,
  ) => Promise<unknown>;
  const result = await handler(
    JSON.parse(body || '{}'),
    (event) => send(response, { event: JSON.parse(scrub(JSON.stringify(event))) }),
    askerOf(request.headers[CALLER], response),
  );
  send(response, { answer: result });
  response.end();
}

function describe(error: unknown): { kind: 'person' | 'transient' | 'bug'; message: string } {
  const message = messageOf(error);
  if (error instanceof PersonFault) return { kind: 'person', message };
  return { kind: error instanceof Transient ? 'transient' : 'bug', message };
}
