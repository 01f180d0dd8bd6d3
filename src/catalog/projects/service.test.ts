import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextData, siteData } from '../../../test/lib/site-data.ts';
import type { FileSpec } from '../../model/files.ts';
import { service } from './service.ts';

const context = contextData(
  {
    id: 'projects',
    type: 'projects',
    host: 'plan.example.org',
    settings: service.settings.parse({ title: 'Our plans' }),
  },
  siteData({ administrators: ['Alice'] }),
);

function files(): FileSpec[] {
  const { containers } = service.workload(
    context,
    {
      route: { url: 'https://plan.example.org/' },
      database: {
        host: '127.0.0.1',
        port: 6432,
        database: 'redmine',
        user: 'projects',
        password: { secret: 'projects/database-local' },
      },
      client: {
        ...{ issuer: 'https://portal.example.org', clientId: 'projects' },
        ...{ clientSecret: { secret: 'projects/oidc-secret' }, ca: { secret: 'ca/root/certificate' } },
      },
      tile: {},
      attachments: { volume: 'attachments' },
      byName: {},
      session: { ref: { secret: 'projects/session-key' } },
      cipher: { ref: { secret: 'projects/cipher-key' } },
    },
    [],
  );
  return containers[0]?.files ?? [];
}

function data(path: string): Record<string, never> {
  const content = files().find((file) => file.path === path)?.content;
  assert.ok(content && 'data' in content);
  return content.data as Record<string, never>;
}

test('addresses in pages and mails are those of the service, and nobody makes an account for himself', () => {
  const { settings } = data('site.json');
  assert.deepEqual(settings, {
    app_title: 'Our plans',
    protocol: 'https',
    host_name: 'plan.example.org',
    login_required: '1',
    self_registration: '0',
    lost_password: '0',
    unsubscribe: '0',
    rest_api_enabled: '0',
    jsonp_enabled: '0',
    autologin: '0',
    session_lifetime: '1440',
  });
});

test('administrators are compared with sign-in names in lower case', () => {
  assert.deepEqual(data('site.json').administrators, ['alice']);
});

test('the app asks the pooler for nothing that outlives a transaction', () => {
  const { production } = data('database.yml') as Record<string, Record<string, unknown>>;
  assert.equal(production?.advisory_locks, false);
  assert.equal(production?.prepared_statements, false);
});

test('people come back from the portal to the host of the service', () => {
  assert.deepEqual(data('sign-on.json'), {
    issuer: 'https://portal.example.org',
    client_id: 'projects',
    redirect_uri: 'https://plan.example.org/oidc/callback',
  });
});
