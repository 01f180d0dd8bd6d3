import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import type { Resource } from '../model/resource.ts';
import { certificateProvider } from './certificate-provider.ts';
import { certificateViews } from './certificate-views.ts';
import { openStore } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-certificate-views-'));
after(() => rmSync(folder, { recursive: true }));

function resource(kind: Resource['kind'], name: string, service: string, spec: unknown): Resource {
  return { kind, name, service, why: { service, rule: 'test', sentence: 'a test' }, needs: [], spec };
}

test('a certificate is told with its names as people write them, and who shows it; the root is shown by nobody', async () => {
  const store = openStore(join(folder, 'store.db'));
  const provider = certificateProvider(store, folder, async () => assert.fail('nothing is ordered here'));
  const names = ['www.example.org'];
  const addresses = ['2001:db8:a:10::1f', '203.0.113.7'];
  const { chain } = certificateRefs('www.example.org');
  const wanted = [
    resource('certificate', 'site-ca', 'site', { ca: true, names: ['example.org'] }),
    resource('certificate', 'www.example.org', 'site', { names, addresses, lifetime: 604_800 }),
    resource('files', 'www/nginx', 'www', { chain }),
    resource('files', 'projects/app', 'projects', { trusted: siteCa }),
  ];
  for (const one of wanted.slice(0, 2))
    await provider.apply({ ...one, action: 'create', key: `${one.kind}/${one.name}` }, () => {});
  const views = certificateViews(store, wanted);
  assert.deepEqual(
    views.map(({ name, names, services }) => ({ name, names, services })),
    [
      { name: 'site CA, root', names: [], services: [] },
      { name: 'site CA, intermediate', names: [], services: [] },
      { name: 'www.example.org', names: [...names, ...addresses], services: ['www'] },
    ],
  );
  assert.match(views[2]?.issuer ?? '', /^example\.org site CA \d{4}$/);
});
