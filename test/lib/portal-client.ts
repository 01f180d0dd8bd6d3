import { request } from 'node:http';

/** What the daemon said to the portal: its last line, and the events before it. */
export interface Said {
  status: number;
  events: unknown[];
  answer?: unknown;
  error?: { kind: string; message: string };
}

/** Says a verb as the portal does, or something that is none. `body`: JSON, or text as it is. */
export function sayTo(socketPath: string, path: string, body: unknown, method = 'POST'): Promise<Said> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, path: `/${path}`, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const lines = text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        const last = lines.at(-1) ?? {};
        resolve({
          status: response.statusCode ?? 0,
          events: lines.flatMap((line) => line.event ?? []),
          ...last,
        });
      });
    });
    req.on('error', reject);
    req.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}
