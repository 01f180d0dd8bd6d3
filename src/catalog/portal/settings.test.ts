import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientSecrets } from './config.ts';
import { Settings } from './settings.ts';

const photos = { title: 'Photos', redirect: ['https://photos.example.net/oidc/callback'] };

function faults(clients: object): string[] {
  const { error } = Settings.safeParse({ clients });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('an app elsewhere needs a title and the places it takes people back to, and has a secret of its own', () => {
  assert.deepEqual(faults({ photos }), []);
  const [[key, request] = []] = Object.entries(clientSecrets(Settings.parse({ clients: { photos } })));
  assert.deepEqual([key, request?.name], ['client-photos', 'client-photos']);
  assert.match(faults({ photos: {} }).join(), /title.*redirect/);
});

test('people are sent back over TLS alone, or to a program of their own machine', () => {
  const redirect = (address: string) => faults({ photos: { ...photos, redirect: [address] } }).length;
  for (const good of ['https://a.example/', 'https://a.example:8443/x?y=1', 'http://127.0.0.1:9000/cb'])
    assert.equal(redirect(good), 0, good);
  for (const bad of [
    'http://a.example/',
    'https://a.example/#x',
    'https://me@a.example/',
    'javascript:alert(1)',
    'a.example',
    'http://localhost/',
    '//a.example/',
  ])
    assert.equal(redirect(bad), 1, bad);
});
