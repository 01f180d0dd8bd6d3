import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { PortalApi, PortalVerb } from '../server/portal-api.ts';
import { PersonFault, Transient } from '../util/errors.ts';

/** The daemon's socket for the portal. */
export interface Daemon {
  /** Says a verb. Throws what the daemon threw: PersonFault, Transient, {@link ProofWanted}. */
  ask<V extends PortalVerb>(verb: V, body: PortalApi[V]['request']): Promise<PortalApi[V]['answer']>;
  /** Says `act`; the daemon's lines as they come. */
  act(body: PortalApi['act']['request']): Promise<IncomingMessage>;
}

/** The daemon wants another proof of an administrator: the token is over. */
export class ProofWanted extends Error {
  override name = 'ProofWanted';
}

interface Line {
  answer?: unknown;
  error?: { kind: string; message: string };
}

export function daemonAt(socketPath: string): Daemon {
  return {
    async ask(verb, body) {
      const response = await say(socketPath, verb, body);
      for await (const text of createInterface({ input: response })) {
        const line = JSON.parse(text) as Line;
        if (line.error) throw errorOf(line.error);
        if ('answer' in line) return line.answer as never;
      }
      throw new Transient('the daemon ended before it answered');
    },
    act: (body) => say(socketPath, 'act', body),
  };
}

function say(socketPath: string, verb: string, body: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, path: `/${verb}`, method: 'POST', agent: false }, (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(new Transient(`the daemon does not know ${verb}: it runs other code`));
    });
    req.on('error', (error) => reject(new Transient(`the daemon does not answer: ${error.message}`)));
    req.end(JSON.stringify(body));
  });
}

function errorOf({ kind, message }: { kind: string; message: string }): Error {
  if (kind === 'proof') return new ProofWanted(message);
  if (kind === 'transient') return new Transient(message);
  if (kind !== 'person') return new Error(`the daemon met a bug: ${message}`);
  const fault = new PersonFault([]);
  fault.message = message; // holds one fault a line already
  return fault;
}
