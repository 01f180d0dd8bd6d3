import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Cookies by host, and a socket for each host. Sends paths as they are written, and follows where it is led. */
export function hostBrowser(socketOf: (host: string) => string) {
  const jars = new Map<string, Map<string, string>>();

  async function send(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    const sent = request({
      ...{ socketPath: socketOf(host), servername: host, rejectUnauthorized: false, agent: false },
      // As written: what a client sends, and a URL object would put in order.
      ...{ method, path: url.slice(`https://${host}`.length) || '/' },
      headers: {
        ...{ host, accept: 'text/html' },
        ...(jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...headers,
      },
    });
    sent.end();
    const [answer] = await once(sent, 'response');
    let text = '';
    for await (const chunk of answer) text += chunk;
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.statusCode, headers: answer.headers, body: text };
  }

  async function follow(url: string): Promise<Answer & { at: string }> {
    let here = url;
    for (let hops = 0; hops < 12; hops++) {
      const answer = await send(here);
      const { location } = answer.headers;
      if (answer.status !== 303 && answer.status !== 302) return { ...answer, at: here };
      here = new URL(location ?? '', here).href;
    }
    throw new Error(`sent in circles, last to ${here}`);
  }

  return {
    jars,
    get: send,
    follow,
  };
}
