import type { IncomingMessage, ServerResponse } from 'node:http';
import { PersonFault } from '../util/errors.ts';

/*
 * What both sockets of the daemon have in common: a request is one text, an answer is lines of JSON.
 */

/** Throws PersonFault for one of more than `largest` bytes. */
export async function readBody(request: IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest)
      throw new PersonFault({ where: 'request', message: `expected at most ${largest} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A client that went away misses lines; the work goes on. */
export function send(response: ServerResponse, line: object): void {
  if (!response.writableEnded && !response.destroyed) response.write(`${JSON.stringify(line)}\n`);
}
