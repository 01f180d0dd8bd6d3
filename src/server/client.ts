import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { caller } from '../util/caller.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import type { Api, Line, Verb } from './api.ts';
import { CALLER } from './asker.ts';

/** Nobody listens on the daemon's socket. */
export class NoDaemon extends Transient {
  override name = 'NoDaemon';
}

/** Says a verb to the daemon behind a socket. Throws what the daemon threw, or {@link NoDaemon}. */
export async function call<V extends Verb>(
  socket: string,
  verb: V,
  body: Api[V]['request'],
  onEvent: (event: Api[V]['event']) => void = () => {},
): Promise<Api[V]['answer']> {
  const response = await open(socket, verb, JSON.stringify(body));
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as Line;
    if ('event' in line) onEvent(line.event as Api[V]['event']);
    else if ('answer' in line) return line.answer as Api[V]['answer'];
    else if (line.error.kind === 'person') throw personFault(line.error.message);
    else if (line.error.kind === 'transient') throw new Transient(line.error.message);
    else throw new Error(`the daemon met a bug: ${line.error.message}; its log has the details`);
  }
  throw new Transient('the daemon ended before it answered; its log may say why');
}

/** Ends with the connection, however that ends. */
async function* linesOf(response: NodeJS.ReadableStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: response });
  } catch {
    // the daemon was killed; the caller says what that means
  }
}

function open(socketPath: string, verb: string, body: string): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    const headers = { [CALLER]: caller() };
    const req = request(
      { socketPath, path: `/${verb}`, method: 'POST', agent: false, headers },
      (response) => {
        if (response.statusCode === 200) return resolve(response);
        response.resume();
        reject(new Transient(`the daemon does not know ${verb}: it runs other code; try ./allod up`));
      },
    );
    req.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(absent ? new NoDaemon('the daemon does not run; try ./allod up') : new Transient(error.message));
    });
    req.end(body);
  });
}

/** The message holds one fault a line already. */
function personFault(message: string): PersonFault {
  const fault = new PersonFault([]);
  fault.message = message;
  return fault;
}
