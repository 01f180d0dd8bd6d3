import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import type { AdminApi } from '../../src/server/admin-api.ts';
import type { BrowserApi, BrowserErrorKind } from '../../src/server/browser-api.ts';
import * as people from './fake-people.ts';
import * as site from './fake-site.ts';

type Answerers<A extends { [V in keyof A]: { request: unknown; answer: unknown } }> = {
  [V in keyof A]?: (
    request: A[V]['request'],
    emit: (event: unknown) => void,
  ) => A[V]['answer'] | Promise<A[V]['answer']>;
};

/** The password that proves an administrator here, and a code with it. */
export const PROOF = { password: 'seven-tall-ships-9', code: '123456' };

export interface FakePortal {
  url: string;
  /** What was asked, in order: `me`, `act invite`. */
  asked: { verb: string; request: unknown }[];
  /** Whether who is signed in administers. */
  administrator: boolean;
  /** Whether a proof was given. */
  elevated: boolean;
  /** Answers 503 to everything while it is set. */
  away: boolean;
  /** Breaks off the answers of runs half way. */
  breaks: boolean;
  /** A change of provider is under way. */
  renumbers: boolean;
  /** People besides those of the family. */
  crowd: number;
  close(): Promise<void>;
}

class BrokenOff extends Error {}

/** How it behaves unless told otherwise. */
export const AT_FIRST = {
  administrator: true,
  elevated: false,
  away: false,
  breaks: false,
  renumbers: false,
};

class Refusal extends Error {
  readonly kind: BrowserErrorKind;

  constructor(kind: BrowserErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The pages as the portal serves them, and answers of the shapes it gives; nothing of the portal itself. */
export async function fakePortal(): Promise<FakePortal> {
  const files = await bundled();
  const state = { asked: [] } as unknown as FakePortal;
  Object.assign(state, AT_FIRST);
  const server = createServer((request, response) => {
    serve(state, files, request, response).catch((error: Error) => {
      response.statusCode = 500;
      response.end(error.message);
    });
  });
  server.keepAliveTimeout = 120_000; // a browser on a busy machine may ask again just when it ends
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://localhost:${(server.address() as AddressInfo).port}`;
  state.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return state;
}

/** By path, compressed; the options are those the image's builder has. */
async function bundled(): Promise<Map<string, Buffer>> {
  const { outputFiles } = await build({
    absWorkingDir: `${import.meta.dirname}/../..`,
    entryPoints: { console: 'src/console/main.tsx' },
    ...{ outdir: '/assets', write: false, bundle: true, format: 'esm', splitting: true, minify: true },
    ...{ jsx: 'automatic', platform: 'browser', target: ['chrome122', 'firefox123', 'safari17.4'] },
    ...{ legalComments: 'none', define: { 'process.env.NODE_ENV': '"production"' } },
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, brotliCompressSync(contents)]));
}

const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Ångströms</title>
<link rel="stylesheet" href="/assets/console.css">
<script type="module" src="/assets/console.js"></script>
</head>
<body>
<div id="root"></div>
</body>
</html>
`;

const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

async function serve(
  state: FakePortal,
  files: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', state.url);
  response.setHeader('content-security-policy', POLICY);
  if (pathname.startsWith('/api/'))
    return await answer(state, pathname.slice('/api/'.length), request, response);
  const file = files.get(pathname);
  const type = pathname.endsWith('.css')
    ? 'text/css'
    : pathname.endsWith('.js')
      ? 'text/javascript'
      : 'text/html';
  if (!file && type !== 'text/html') response.statusCode = 404;
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('content-encoding', 'br');
  response.end(file ?? brotliCompressSync(SHELL));
}

async function answer(
  state: FakePortal,
  verb: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  const { verb: admin, request: inner } =
    verb === 'act' ? (body as { verb: string; request: unknown }) : { verb, request: body };
  state.asked.push({ verb: verb === 'act' ? `act ${admin}` : verb, request: inner });
  response.setHeader('content-type', 'application/x-ndjson');
  const send = (line: unknown) => response.write(`${JSON.stringify(line)}\n`);
  try {
    if (state.away) throw new Refusal('transient', 'the daemon does not answer');
    if (verb === 'act' && !state.elevated) throw new Refusal('proof', 'expected a proof');
    const known = (verb === 'act' ? adminVerbs(state) : browserVerbs(state)) as Record<string, unknown>;
    const does = known[admin] as ((request: unknown, emit: (event: unknown) => void) => unknown) | undefined;
    if (!does) throw new Refusal('person', `expected a verb; got ${admin}`);
    send({ answer: await does(inner, (event) => send({ event })) });
  } catch (error) {
    if (error instanceof BrokenOff) return void response.destroy();
    if (!(error instanceof Refusal)) throw error;
    send({ error: { kind: error.kind, message: error.message } });
  }
  response.end();
}

function browserVerbs(state: FakePortal): Answerers<BrowserApi> {
  return {
    me: () => ({
      ...site.me(state.administrator),
      ...(state.elevated ? { elevated: Date.now() + 10 * 60_000 } : {}),
    }),
    saveProfile: () => ({}),
    ways: () => people.ways,
    sessions: () => ({ sessions: people.sessions }),
    endSession: () => ({}),
    appPasswords: () => ({ passwords: people.appPasswords }),
    addAppPassword: () => ({ id: '0fvd', password: '0fvd-x9mq-7gk2-h3pt-c5rn' }),
    removeAppPassword: () => ({}),
    codeSecret: () => ({
      secret: 'JBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/The%20Angstroms:alice?secret=JBSWY3DPEHPK3PXP&issuer=The%20Angstroms',
    }),
    addCode: () => ({}),
    elevation: () => ({ methods: ['password-and-code'] }),
    elevate({ proof }) {
      if (!('password' in proof) || proof.password !== PROOF.password || proof.code !== PROOF.code)
        throw new Refusal('person', 'password or code are wrong');
      state.elevated = true;
      return { until: Date.now() + 10 * 60_000 };
    },
    lower() {
      state.elevated = false;
      return {};
    },
  };
}

function adminVerbs(state: FakePortal): Answerers<AdminApi> {
  return {
    checklist: () => site.checklist,
    status: () => site.status,
    restartService: () => ({}),
    siteFile: () => ({ accepted: site.SITE_FILE, path: '/srv/site.yaml' }),
    checkSite({ site: text }) {
      const line = text.split('\n').findIndex((one) => one.includes('contact:')) + 1;
      if (line > 0)
        return {
          faults: [
            `site.yaml:${line}:3 services.contact: expected a service of the catalog; got "contact"; try "contacts"`,
          ],
        };
      return { faults: [], planned: { changes: text === site.SITE_FILE ? [] : site.changes, unknown: {} } };
    },
    async applySite(_, emit) {
      await runs(state, emit);
      return { faults: [] };
    },
    tasks: () => ({ tasks: site.tasks }),
    async task({ id }, emit) {
      const task = site.tasks.find((one) => one.id === id);
      if (!task) throw new Refusal('person', `expected the number of a task that is kept; there is no ${id}`);
      await runs(state, (event) => emit({ at: Date.now(), event }));
      return task;
    },
    people: () => ({ people: [...people.people, ...people.crowd(state.crowd)], removed: people.removed }),
    links: () => ({ links: people.links }),
    groups: () => ({ groups: people.groups }),
    appPasswords: () => ({ passwords: people.appPasswords }),
    invite({ name }) {
      if (!/^[a-z][a-z0-9]*$/.test(name))
        throw new Refusal(
          'person',
          `name: expected small letters and digits; got "${name}"\nmail: expected an address`,
        );
      return {
        id: 'l9',
        name,
        url: `${state.url}/link/not-a-real-token`,
        until: Date.now() + 7 * 86_400_000,
      };
    },
    removePerson: () => ({ until: Date.now() + 30 * 86_400_000 }),
    restorePerson: () => ({}),
    setMembers: () => ({}),
    addresses: () => site.exposures,
    records: () => ({ records: site.records }),
    delegations: () => ({ zones: site.delegations }),
    certificates: () => site.certificates,
    leases: () => ({ leases: site.leases }),
    secrets: () => ({ secrets: site.secrets }),
    async rotateSecrets(_, emit) {
      await runs(state, emit);
      return { rotated: [], kept: [], faults: [] };
    },
    async renumber({ action }, emit) {
      if (action !== 'show') await runs(state, emit);
      return { faults: [], ...(action === 'show' && state.renumbers ? { renumbering: site.outlook } : {}) };
    },
    images: () => site.images,
    async logs({ follow }, emit) {
      for (let i = 0; i < 40; i++)
        emit({ at: Date.now() - (40 - i) * 900, container: 'app', text: `GET /calendar/${i} 200` });
      if (follow) await new Promise((done) => setTimeout(done, 20_000).unref());
      return {};
    },
    doctor: () => site.doctor,
    ignoreFinding: () => ({}),
    activity: () => site.activity,
    audit: () => ({ entries: site.audit }),
    verifyAudit: () => ({ entries: 812, first: 1, signed: true }),
  };
}

/** Tells the events of a run; its answer breaks off in the middle of a step where that is wanted. */
async function runs(state: FakePortal, emit: (event: unknown) => void): Promise<void> {
  for (const event of site.runEvents) {
    if (state.breaks && event.type === 'done' && event.key === 'pod/notes') throw new BrokenOff();
    emit(event);
    await new Promise((done) => setTimeout(done, 10));
  }
}
