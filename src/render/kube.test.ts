import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { layoutOf } from '../model/layout.ts';
import type { Container, Pod } from '../model/pod.ts';
import { renderPod } from './kube.ts';

const goldens = new URL('../../test/render/', import.meta.url);
const divider = '----------\n';
/** UPDATE_GOLDENS=1 writes what is expected from what comes out; read the difference before a commit. */
const update = process.env.UPDATE_GOLDENS === '1';
const layout = layoutOf('/var/lib/allod', 'example.org');
const labels = {
  'allod.site': 'example.org',
  'allod.containers': '2',
  'allod.fingerprint': '123456789012345e',
};

test('pod → YAML, as a person reads it', async (context) => {
  for (const file of readdirSync(goldens)) {
    await context.test(file, () => {
      const path = new URL(file, goldens);
      const [input = '', expected] = readFileSync(path, 'utf8').split(divider);
      const pod = parse(input) as Pod;
      const yaml = renderPod(pod, `allod-example.org-${pod.service}`, labels, layout);
      if (update) writeFileSync(path, `${input}${divider}${yaml}`);
      else assert.equal(yaml, expected);
    });
  }
});

const container: Container = {
  ...{ name: 'app', image: 'localhost/allod/app:1', command: ['on', 'no', '0o17', '1:20', '12e4', ''] },
  ...{ user: 10080, memory: 64, files: [], mounts: [], scratch: [], reload: { how: 'restart' } },
};
const pod: Pod = {
  ...{ service: 'web', ipv6: '2001:db8::1', ipv4: '10.64.0.2', containers: [container], aliases: [] },
  ...{ published: [], probe: { kind: 'tcp', port: 80 }, startSeconds: 60 },
};

interface RenderedPod {
  metadata: { labels: unknown };
  spec: {
    containers: { command: unknown; volumeMounts: { name: string; mountPath: string }[] }[];
    volumes: { name: string; hostPath: { path: string } }[];
  };
}

function rendered(changed: Partial<Container> = {}): RenderedPod {
  const yaml = renderPod({ ...pod, containers: [{ ...container, ...changed }] }, 'web', labels, layout);
  const old = parse(yaml, { version: '1.1' }) as RenderedPod;
  assert.deepEqual(parse(yaml), old, 'readers of both versions of YAML see the same');
  return old;
}

test('words of a command and labels stay text, whatever they look like', () => {
  const { metadata, spec } = rendered();
  assert.deepEqual(spec.containers[0]?.command, container.command);
  assert.deepEqual(metadata.labels, labels);
});

test('every mount is of a volume of its own, whatever the volumes are called', () => {
  const { spec } = rendered({
    mounts: [
      { volume: 'files', path: '/data/files' },
      { volume: 'scratch-0', path: '/data/scratch' },
    ],
    scratch: ['/tmp'],
  });
  const paths = new Map(spec.volumes.map(({ name, hostPath }) => [name, hostPath.path]));
  assert.equal(paths.size, spec.volumes.length, 'names are unique');
  const mounted = spec.containers[0]?.volumeMounts.map(({ name, mountPath }) => [mountPath, paths.get(name)]);
  assert.deepEqual(Object.fromEntries(mounted ?? []), {
    '/etc/allod': layout.files('web', 'app'),
    '/tmp': layout.scratch('web', 'app', 0),
    '/data/files': layout.volume('web', 'files'),
    '/data/scratch': layout.volume('web', 'scratch-0'),
  });
});

test('a pod with a resolver asks that one, not whom this machine asks', () => {
  const yaml = renderPod({ ...pod, resolver: 'fd00:db8:1::35' }, 'web', labels, layout);
  const { dnsPolicy, dnsConfig } = (parse(yaml) as { spec: Record<string, unknown> }).spec;
  assert.deepEqual([dnsPolicy, dnsConfig], ['None', { nameservers: ['fd00:db8:1::35'] }]);
});
