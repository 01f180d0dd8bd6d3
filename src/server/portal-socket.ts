import { once } from 'node:events';
import { chownSync, closeSync, constants, fstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { boundedLog } from '../util/bounded-log.ts';
import { isExpected, messageOf, PersonFault, Transient, traceOf } from '../util/errors.ts';
import { limit } from '../util/limit.ts';
import { type Asker, portalAsker } from './asker.ts';
import { ProofWanted } from './elevation.ts';
import type { PortalHandlers } from './portal.ts';
import type { PortalVerb } from './portal-api.ts';
import { portalSchemas } from './portal-schema.ts';
import { readBody, send } from './wire.ts';

export interface PortalSocket {
  /** Folder of the socket, which the portal's pod has mounted. */
  folder: string;
  /** User of the portal's process. */
  uid: number;
  handlers: PortalHandlers;
  log(text: string): void;
  /** A text without any value that was revealed in this process. */
  scrub(text: string): string;
}

/** Bytes of a request: what `act` carries may be a site file, twice. */
const LARGEST = 1024 * 1024;
const LARGEST_OF_OTHERS = 64 * 1024;
/** Of one portal. */
const CONNECTIONS = 128;
/** ms for a whole request to arrive. */
const ARRIVING = 15_000;
/** Verbs besides `act` that are worked on at a time: some hash a password, which takes memory. */
const WIDTH = 4;

/**
 * Serves the portal's verbs on a socket only its user, and root, can open. Nothing of what they can write is followed:
 * the folder is root's and the socket is made and given away in it. The folder stays when the socket goes: pods have it mounted.
 */
export async function servePortal(socket: PortalSocket): Promise<Server> {
  const width = limit(WIDTH);
  // What people outside have the portal ask is told here too.
  const bounded = { ...socket, log: boundedLog(socket.log) };
  const server = createServer({ requestTimeout: ARRIVING, headersTimeout: ARRIVING }, (request, response) => {
    const verb = (request.url ?? '').slice(1) as PortalVerb;
    if (request.method !== 'POST' || !Object.hasOwn(portalSchemas, verb)) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('content-type', 'application/x-ndjson');
    const work = () => answer(verb, request, response, bounded);
    (verb === 'act' ? work() : width(work)).catch((error: unknown) => refuse(error, verb, response, bounded));
  });
  server.maxConnections = CONNECTIONS;
  const folder = openFolder(socket.folder);
  try {
    // By its descriptor: the path may be longer than a socket's address can be (unix(7)).
    const path = `/proc/self/fd/${folder}/daemon.sock`;
    rmSync(path, { force: true });
    const listening = once(server, 'listening');
    const before = process.umask(0o177);
    server.listen(path);
    process.umask(before);
    await listening;
    chownSync(path, socket.uid, socket.uid);
  } catch (error) {
    closeSync(folder);
    throw error;
  }
  // With the server, which removes its socket by that path.
  server.on('close', () => closeSync(folder));
  return server;
}

/** Of root, and written by nobody else; made where it is not there. */
function openFolder(folder: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const { uid, mode } = fstatSync(fd);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return fd;
  closeSync(fd);
  throw new PersonFault({
    where: folder,
    message: 'expected a folder that only root can write; got another; try removing it',
  });
}

async function answer(
  verb: PortalVerb,
  request: IncomingMessage,
  response: ServerResponse,
  { handlers, scrub }: PortalSocket,
): Promise<void> {
  const text = await readBody(request, verb === 'act' ? LARGEST : LARGEST_OF_OTHERS);
  const fitting = portalSchemas[verb].parse(parse(text));
  const handler = handlers[verb] as (
    request: unknown,
    emit: (event: unknown) => void,
    asker: Asker,
  ) => Promise<unknown>;
  const emit = (event: unknown) => send(response, { event: JSON.parse(scrub(JSON.stringify(event))) });
  send(response, { answer: await handler(fitting, emit, portalAsker(response)) });
  response.end();
}

/** What was thought of is told; of anything else, the daemon's log has it and the portal nothing. */
function refuse(error: unknown, verb: string, response: ServerResponse, { log, scrub }: PortalSocket): void {
  if (error instanceof ZodError)
    log(
      `portal: ${verb} does not fit: ${error.issues.map(({ code, path }) => `${code} at ${path.join('.')}`).join(', ')}`,
    );
  else if (!(error instanceof ProofWanted))
    log(`portal: ${verb}: ${isExpected(error) ? error.message : traceOf(error)}`);
  const { kind, message } = describe(error);
  send(response, { error: { kind, message: scrub(message) } });
  response.end();
}

function describe(error: unknown): { kind: string; message: string } {
  if (error instanceof ZodError) return { kind: 'person', message: 'the daemon takes no such request' };
  if (error instanceof ProofWanted) return { kind: 'proof', message: error.message };
  if (error instanceof PersonFault) return { kind: 'person', message: messageOf(error) };
  if (error instanceof Transient) return { kind: 'transient', message: messageOf(error) };
  return { kind: 'bug', message: 'its log has the details' };
}

/** No JSON is as a request that does not fit. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return undefined;
  }
}
