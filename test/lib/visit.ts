import { type IncomingHttpHeaders, request } from 'node:http';
import type { BrowserApi, BrowserVerb } from '../../src/server/browser-api.ts';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Where it sends on to, absolute. */
  location?: string;
}

/** What `/api` told. */
export interface Told<T> {
  status: number;
  answer: T;
  error?: { kind: string; message: string };
}

/** What the passkey steps of a page tell. */
export interface Step {
  status: number;
  options?: { challenge: string; user?: { id: string } };
  to?: string;
  fault?: string;
}

export interface Asked {
  method?: string;
  headers?: Record<string, string>;
  form?: Record<string, string>;
  json?: unknown;
  body?: string;
}

interface Cookie {
  value: string;
  path: string;
}

/** A browser's HTTP at the portal, past nginx: cookies with their paths, Origin where one is sent, redirects by hand. */
export class Visit {
  readonly cookies = new Map<string, Cookie>();
  readonly #port: number;
  readonly #issuer: string;
  readonly #address: string;

  constructor(port: number, issuer: string, address = '2001:db8:1::1') {
    this.#port = port;
    this.#issuer = issuer;
    this.#address = address;
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.ask(path, headers ? { headers } : {});
  }

  /** As a page of the portal sends a form. */
  post(path: string, form: Record<string, string>): Promise<Reply> {
    return this.ask(path, { method: 'POST', form, headers: { origin: this.#issuer } });
  }

  /** As a script of a page of the portal asks. */
  async call<V extends BrowserVerb>(verb: V, json: unknown = {}): Promise<Told<BrowserApi[V]['answer']>> {
    const reply = await this.ask(`/api/${verb}`, { method: 'POST', json, headers: { origin: this.#issuer } });
    return {
      status: reply.status,
      ...(JSON.parse(reply.text) as Omit<Told<BrowserApi[V]['answer']>, 'status'>),
    };
  }

  async json(path: string, json: unknown): Promise<Step> {
    const reply = await this.ask(path, { method: 'POST', json, headers: { origin: this.#issuer } });
    return { ...(JSON.parse(reply.text) as Step), status: reply.status };
  }

  signIn(name: string, password: string, to = '/'): Promise<Reply> {
    return this.post('/sign-in', { name, password, to });
  }

  /** Follows redirects for as long as they stay at the portal. */
  async follow(reply: Reply): Promise<Reply> {
    let last = reply;
    while (last.location?.startsWith(`${this.#issuer}/`))
      last = await this.get(last.location.slice(this.#issuer.length));
    return last;
  }

  ask(path: string, { method = 'GET', headers = {}, form, json, body }: Asked = {}): Promise<Reply> {
    const sent =
      body ?? (form ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json));
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const { host } = new URL(this.#issuer);
    return new Promise((resolve, reject) => {
      const req = request(
        {
          ...{ host: '127.0.0.1', port: this.#port, path, method, agent: false },
          headers: {
            ...{ host, 'x-forwarded-proto': 'https', 'x-real-ip': this.#address, accept: 'text/html' },
            ...(sent ? { 'content-type': type, 'content-length': String(Buffer.byteLength(sent)) } : {}),
            ...this.#cookieHeader(path),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            this.#keep(response.headers['set-cookie'] ?? []);
            const { location } = response.headers;
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
              ...(location ? { location: new URL(location, this.#issuer).href } : {}),
            });
          });
        },
      );
      req.on('error', reject);
      req.end(sent);
    });
  }

  #cookieHeader(path: string): Record<string, string> {
    const pathname = path.split('?')[0] ?? '';
    const sent = [...this.cookies].filter(([, cookie]) => matches(pathname, cookie.path));
    return sent.length === 0
      ? {}
      : { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') };
  }

  #keep(lines: string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      const path = attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? '/';
      const over = attributes.some((text) => /^expires=Thu, 01 Jan 1970/i.test(text));
      if (over || value === '') this.cookies.delete(name);
      else this.cookies.set(name, { value, path });
    }
  }
}

/** RFC 6265 section 5.1.4. */
function matches(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}
