import type { AuditEntry } from '../../src/model/audit.ts';
import type { LeaseView } from '../../src/model/lease.ts';
import type { Delegation, RecordView } from '../../src/model/names.ts';
import type { Change } from '../../src/model/resource.ts';
import type { SecretView } from '../../src/model/secret-store.ts';
import type { ServiceState, Status } from '../../src/model/status.ts';
import type { Outlook } from '../../src/plan/outlook.ts';
import type { RunEvent } from '../../src/reconcile/events.ts';
import type { Me } from '../../src/server/browser-api.ts';
import type { ConsoleApi } from '../../src/server/console-api.ts';

/** What a site of a family looks like to the pages: data as the portal and the daemon answer it. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.now();

export const SITE_FILE = `version: 1
domain: example.org
network:
  ipv6: { pool: 2001:db8:a:10::/64 }
  ipv4: { address: 203.0.113.7 }
administrators: [alice]
services:
  contacts: {}
  portal:
    title: The Ångströms
`;

const ICONS = {
  contacts:
    'M7 2h11a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H7a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3zm5.5 5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 17h9c0-2-2-3.5-4.5-3.5S8 15 8 17z',
  projects: 'M4 4h16v4H4zm0 6h7v10H4zm9 0h7v4h-7zm0 6h7v4h-7z',
  notes: 'M6 2h9l5 5v13a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zm2 9v2h8v-2zm0 4v2h6v-2z',
};

function tile(service: keyof typeof ICONS, title: string, description: string, state: ServiceState) {
  return { service, title, description, state, url: `https://${service}.example.org/`, icon: ICONS[service] };
}

export function me(administrator: boolean): Me {
  return {
    name: administrator ? 'alice' : 'bob',
    displayName: administrator ? 'Alice Ångström' : 'Bob Ångström',
    ...(administrator ? { mail: 'alice@example.org' } : {}),
    administrator,
    title: 'The Ångströms',
    domain: 'example.org',
    tiles: [
      tile('contacts', 'Contacts and calendars', 'Address books and calendars of your phone', 'healthy'),
      tile('projects', 'Projects', 'Plans, tasks and who does them', 'starting'),
      tile('notes', 'Notes', 'What the family writes down together', 'failed'),
    ],
    devices: [
      {
        service: 'contacts',
        title: 'Contacts and calendars',
        protocols: ['CardDAV (contacts)', 'CalDAV (calendars)'],
        server: 'https://contacts.example.org/',
      },
    ],
  };
}

function service(id: string, title: string, state: ServiceState, reason?: string) {
  return {
    ...{ id, title, state, since: now - 5 * HOUR, host: `${id}.example.org` },
    url: id === 'dns' || id === 'directory' ? null : `https://${id}.example.org/`,
    ipv6: `2001:db8:a:10::${id.length.toString(16)}f`,
    ipv4: id === 'directory' ? null : '203.0.113.7',
    memoryBytes: id.length * 11_500_000,
    ...(reason ? { reason } : {}),
  };
}

export const status: Status = {
  domain: 'example.org',
  healthy: false,
  daemon: { running: true, pid: 812, since: now - 6 * DAY },
  services: [
    service('contacts', 'Contacts and calendars', 'healthy'),
    service('projects', 'Project management', 'starting', 'the database is being prepared'),
    service(
      'notes',
      'Notes',
      'failed',
      'the container ended with exit code 78: no such file /etc/notes.toml',
    ),
    service('portal', 'Home page and sign-on', 'healthy'),
    service('directory', 'People and groups', 'healthy'),
    service('dns', 'Name server', 'healthy'),
  ],
  findings: [
    {
      id: 'kit-never-printed',
      text: 'nobody has printed a recovery kit',
      remedy: './allod recovery-kit, and keep the page away from this machine',
    },
  ],
  stateHash: 'a1b2c3d4',
};

function change(action: Change['action'], kind: Change['kind'], name: string, sentence: string): Change {
  const why = { service: 'notes', rule: 'http-route', sentence };
  return { action, key: `${kind}/${name}`, kind, name, service: 'notes', why, needs: [] };
}

export const changes: Change[] = [
  change('create', 'pod', 'notes', 'the site file asks for notes'),
  change('create', 'record', 'notes.example.org/AAAA', 'people reach notes by this name'),
  change('update', 'firewall', 'example.org', 'port 443 of notes is open to everybody'),
  change('delete', 'record', 'wiki.example.org/AAAA', 'no service of the site has this name any more'),
];

export const runEvents: RunEvent[] = [
  { type: 'planned', changes: 3 },
  { type: 'started', key: 'image/notes', service: 'notes', text: 'build the image of notes' },
  { type: 'progress', key: 'image/notes', text: 'installing 41 packages', fraction: 0.6 },
  { type: 'done', key: 'image/notes', ms: 9_200 },
  { type: 'started', key: 'pod/notes', service: 'notes', text: 'start notes' },
  { type: 'done', key: 'pod/notes', ms: 2_100 },
  { type: 'started', key: 'record/notes.example.org', service: 'notes', text: 'publish notes.example.org' },
  { type: 'done', key: 'record/notes.example.org', ms: 120 },
];

type Answers = { [V in keyof ConsoleApi]: ConsoleApi[V]['answer'] };

export const tasks: Answers['tasks']['tasks'] = [
  {
    ...{ id: 42, title: 'up', by: 'alice', state: 'running', started: now - 12_000 },
    progress: { done: 2, of: 3 },
  },
  {
    ...{
      id: 41,
      title: 'renew secrets',
      by: 'the daemon',
      state: 'failed',
      started: now - HOUR,
      ended: now - HOUR + 8_000,
    },
    ...{ progress: { done: 4, of: 5 }, text: 'projects: the new login was not seen in use within 60 s' },
  },
  {
    ...{ id: 40, title: 'up', by: 'root', state: 'done', started: now - DAY, ended: now - DAY + 94_000 },
    progress: { done: 71, of: 71 },
  },
];

export const certificates: Answers['certificates'] = {
  certificates: ['contacts', 'projects', 'portal'].map((id, i) => ({
    ...{ name: `${id}.example.org`, names: [`${id}.example.org`], issuer: 'Site CA of example.org' },
    ...{
      serial: `4f:0${i}:9c:77`,
      from: now - (i + 1) * 2 * DAY,
      to: now + (7 - (i + 1) * 2) * DAY,
      services: [id],
    },
  })),
};

export const images: Answers['images'] = {
  images: [
    {
      ...{ name: 'portal', ref: 'localhost/allod/portal:0123456789abcdef', services: ['portal'] },
      ...{ size: 312_000_000, created: now - 2 * DAY },
      origins: [
        {
          from: 'debian trixie',
          packages: [
            { name: 'libstdc++6', version: '14.2.0-19' },
            { name: 'ca-certificates', version: '20250419' },
          ],
        },
        { from: 'npm', packages: [{ name: 'oidc-provider', version: '9.13.3' }] },
      ],
    },
    {
      ...{ name: 'radicale', ref: 'localhost/allod/radicale:fedcba9876543210', services: ['contacts'] },
      origins: [{ from: 'debian trixie', packages: [{ name: 'radicale', version: '3.5.0-1' }] }],
    },
  ],
};

export const exposures: Answers['addresses'] = {
  exposures: (['ipv6', 'ipv4'] as const).flatMap((family) =>
    ['contacts', 'portal'].map((id) => ({
      ...{ service: id, hosts: [`${id}.example.org`], port: 443, protocol: 'tcp' as const, family },
      path: family === 'ipv6' ? ('direct' as const) : ('edge' as const),
      addresses: [{ address: family === 'ipv6' ? '2001:db8:a:10::1f' : '203.0.113.7', published: true }],
    })),
  ),
};

export const delegations: Delegation[] = [
  {
    zone: 'example.org',
    nameServers: [{ name: 'dns.example.org', addresses: ['2001:db8:a:10::3f', '203.0.113.7'] }],
    ds: {
      keyTag: 4711,
      algorithm: 13,
      digestType: 2,
      digest: 'E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766',
    },
    dnskey: '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edb',
  },
];

export const records: RecordView[] = ['contacts', 'portal', 'notes'].map((id, i) => ({
  ...{
    zone: 'example.org',
    name: `${id}.example.org`,
    type: 'AAAA',
    ttl: 3600,
    values: ['2001:db8:a:10::1f', '2001:db8:b:20::1f'],
  },
  state: (['in place', 'differs', 'missing'] as const)[i] ?? 'foreign',
  why: { service: id, rule: 'http-route', sentence: `people reach ${id} by this name` },
}));

export const secrets: SecretView[] = [
  {
    ...{
      path: 'projects/secret-key-base',
      version: 2,
      since: now - 40 * DAY,
      keyId: 'k1',
      owner: 'projects',
    },
    ...{ consumers: ['files projects/app'], rotation: { how: 'value', bits: 512 }, next: null },
  },
  {
    ...{ path: 'logins/projects/password', version: 311, since: now - 20 * MINUTE, keyId: 'k1' },
    ...{ owner: 'projects', consumers: ['files projects/pgbouncer'], next: now + 40 * MINUTE },
    rotation: { how: 'login', service: 'projects' },
  },
  {
    ...{ path: 'ca/root/key', version: 1, since: now - 90 * DAY, keyId: 'k1', owner: null, consumers: [] },
    ...{ rotation: { how: 'never', why: 'every device trusts the certificate made with it' }, next: null },
  },
];

/** A change of provider that waits for what is done outside. */
export const outlook: Outlook = {
  ...{ from: '2001:db8:a:10::/64 and 203.0.113.7', to: '2001:db8:b:20::/64 and 203.0.113.99', begun: true },
  steps: [
    { phase: 'prepare', text: 'the new addresses answer beside the old ones', state: 'done', seconds: 300 },
    {
      phase: 'both',
      text: 'both are in the DNS; waits for what is done outside',
      state: 'now',
      seconds: 3600,
    },
    { phase: 'withdraw', text: 'the new ones alone are in the DNS', state: 'next', seconds: 60 },
    { phase: 'drop', text: 'the old ones go', state: 'next', seconds: 0 },
  ],
  unreachable: { overlap: 0, cut: 3690 },
  because: 'resolvers remember an address for 60 s',
  outside: {
    remembered: 3600,
    acts: [
      {
        ...{ id: 'glue', state: 'open', evidence: 'dns.example.org A 203.0.113.7' },
        text: 'at the registrar of example.org, enter 203.0.113.99 for dns.example.org',
      },
      { id: 'ptr', state: 'done', text: 'the name of 203.0.113.99' },
    ],
  },
};

export const leases: LeaseView[] = [
  {
    ...{ service: 'projects', role: 'projects_7f3a', state: 'current', proved: true },
    ...{
      minted: now - 20 * MINUTE,
      since: now - 19 * MINUTE,
      expires: now + 70 * MINUTE,
      next: now + 40 * MINUTE,
    },
  },
  {
    ...{ service: 'projects', role: 'projects_19bd', state: 'draining', proved: true },
    ...{ minted: now - 80 * MINUTE, since: now - 20 * MINUTE, expires: now + 10 * MINUTE },
  },
];

export const doctor: Answers['doctor'] = {
  ignored: ['memory: 3.1 GiB of memory, of which 0.4 GiB are free'],
  report: {
    healthy: false,
    checks: [
      {
        id: 'node',
        title: 'Node',
        state: 'ok',
        milliseconds: 1,
        findings: [{ state: 'ok', text: 'Node 24.21.0' }],
      },
      {
        ...{ id: 'daemon', title: 'daemon', state: 'fault', milliseconds: 40 },
        findings: [
          { state: 'fault', text: 'notes does not run', remedy: './allod up', evidence: 'exit code 78' },
        ],
      },
      {
        ...{ id: 'memory', title: 'memory', state: 'warning', milliseconds: 2 },
        findings: [{ state: 'warning', text: '3.1 GiB of memory, of which 0.4 GiB are free' }],
      },
      {
        ...{ id: 'delegation', title: 'delegation', state: 'warning', milliseconds: 900 },
        findings: [
          {
            ...{ state: 'warning', text: 'the parent of example.org does not name dns.example.org' },
            remedy:
              'at the registrar of example.org, name this name server\n  enter\n    dns.example.org 203.0.113.7',
          },
        ],
      },
    ],
  },
};

export const activity: Answers['activity'] = {
  entries: [
    { at: now - 12_000, who: 'alice', how: 'console', verb: 'applySite', text: 'applied the site file' },
    {
      at: now - HOUR,
      who: 'bob',
      how: 'portal',
      verb: 'addOwnPassword',
      text: 'made an app password for contacts',
    },
    {
      ...{ at: now - DAY, who: 'root', how: 'command', verb: 'addPerson', text: 'added eve' },
      failed: 'there is somebody of this name',
    },
  ],
};

export const audit: AuditEntry[] = [3, 2, 1].map((seq) => ({
  ...{ seq, at: new Date(now - seq * MINUTE).toISOString(), actor: 'files contacts/nginx', action: 'read' },
  ...{ path: 'contacts/tls-key', version: seq, previous: '0'.repeat(64), mac: 'f'.repeat(64) },
}));

export const checklist: Answers['checklist'] = {
  items: [
    { id: 'admin', title: 'An administrator has an account', done: true, text: 'Invite one.' },
    {
      ...{ id: 'kit', title: 'The recovery kit is printed', done: false, command: './allod recovery-kit' },
      text: 'Print it and keep it away from this machine: it opens the secrets on new hardware.',
    },
    {
      ...{ id: 'people', title: 'Somebody is invited', done: false, page: '/console/people', tick: true },
      text: 'A site is more fun with others.',
    },
  ],
};
