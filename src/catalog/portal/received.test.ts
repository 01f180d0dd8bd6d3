import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPasswords } from '../../contracts/app-passwords.ts';
import type { Request } from '../../contracts/contracts.ts';
import { forwardAuth } from '../../contracts/forward-auth.ts';
import { oidcClient } from '../../contracts/oidc-client.ts';
import type { Context, Received } from '../../contracts/service.ts';
import { tile } from '../../contracts/tile.ts';
import { fulfil } from './fulfil.ts';
import { clientsOf, devicesOf, gatesOf, tilesOf } from './received.ts';

const client = oidcClient({
  redirectPaths: ['/oidc/callback'],
  backchannelLogoutPath: '/oidc/out',
  why: 'people sign in',
});
const icon = tile({ description: 'Plans', icon: 'M0 0z', path: '/my/page', why: 'people find it' });

function asked(id: string, type: string, request: Request, access?: string[]): Received {
  const consumer = { id, type, host: `${id}.example.org`, settings: {}, ...(access ? { access } : {}) };
  return { consumer, title: 'Projects and issues', address: 'fd00::5', request };
}

test('the portal takes both secrets of a client, and sends people to its own paths alone', () => {
  assert.deepEqual(clientsOf([asked('projects', 'projects', client, ['club', 'family'])]), [
    {
      id: 'projects',
      title: 'Projects and issues',
      secrets: [{ secret: 'projects/oidc-secret' }, { secret: 'projects/oidc-secret', previous: true }],
      redirectUris: ['https://projects.example.org/oidc/callback'],
      postLogoutUris: ['https://projects.example.org/'],
      backchannelLogoutUri: 'https://projects.example.org/oidc/out',
      access: ['club', 'family'],
    },
  ]);
});

test('who may use a service is said of its tile, its gate and its devices too', () => {
  const access = ['family'];
  const received = [
    asked('notes', 'notes', icon, access),
    asked('notes', 'notes', forwardAuth({ host: 'notes.example.org', why: 'it cannot' }), access),
    asked('notes', 'notes', appPasswords({ protocols: ['CardDAV'], why: 'phones' }), access),
  ];
  const shared = { service: 'notes', title: 'Projects and issues', access };
  assert.deepEqual(tilesOf(received), [
    {
      service: 'notes',
      title: 'Projects and issues',
      description: 'Plans',
      url: 'https://notes.example.org/my/page',
      icon: 'M0 0z',
      access,
    },
  ]);
  assert.deepEqual(gatesOf(received), [{ service: 'notes', origin: 'https://notes.example.org', access }]);
  assert.deepEqual(devicesOf(received), [
    { ...shared, protocols: ['CardDAV'], server: 'https://notes.example.org/' },
  ]);
});

test('several of a folder are told apart by their ids; what a tile is called is what its client is called', () => {
  const titles = (received: Received[]) => clientsOf(received).map(({ title }) => title);
  assert.deepEqual(titles([asked('plans', 'projects', client), asked('projects', 'projects', client)]), [
    'Projects and issues (plans)',
    'Projects and issues',
  ]);
  const named = { ...icon, title: 'Our plans' };
  assert.deepEqual(titles([asked('projects', 'projects', client), asked('projects', 'projects', named)]), [
    'Our plans',
  ]);
});

test('a client reaches the portal, and the portal it where it is told of people signing out', () => {
  const context = (id: string) => ({ service: { id, host: `${id}.example.org` } }) as unknown as Context;
  const connections = (...requests: Request[]) => {
    const all = Object.fromEntries(requests.map((request, i) => [`${i}`, request]));
    return fulfil(context('portal'), context('projects'), all).allow?.map(({ from, to, port }) => [
      from,
      to,
      port,
    ]);
  };
  const there = ['projects', 'portal', 443];
  assert.deepEqual(connections(icon), []);
  assert.deepEqual(connections(client, icon), [there, ['portal', 'projects', 443]]);
  const { backchannelLogoutPath: _, ...silent } = client;
  assert.deepEqual(connections(silent), [there]);
  assert.deepEqual(connections(forwardAuth({ host: 'x', why: 'it cannot' })), [there]);
});
