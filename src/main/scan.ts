import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenSite, ScanReport } from '../cli/context.ts';
import { podman as createPodman, type Podman, siteLabel } from '../engines/podman/podman.ts';
import { playedPod } from '../engines/podman/pods.ts';
import type { ImageSpec } from '../model/image.ts';
import type { Pod } from '../model/pod.ts';
import type { Resource } from '../model/resource.ts';
import { isPublic } from '../model/secret.ts';
import { look } from '../reconcile/converge.ts';
import { needlesOf } from '../secrets/scan/forms.ts';
import { createScanner, type Scanner } from '../secrets/scan/scanner.ts';
import type { SecretStore } from '../secrets/store.ts';
import { compose, type Installation } from './compose.ts';

/** Looks for values of the store in every place where none may be. Changes nothing. */
export async function scan(
  { site, layout, path }: OpenSite,
  installation: Installation,
): Promise<ScanReport> {
  const podman = createPodman(installation.containersConf);
  const values = valuesOf(installation.store.as('scan'));
  const scanner = createScanner(values.flatMap(({ secret, value }) => needlesOf(secret, value)));
  const { desired, changes, observed } = await look(compose(site, installation));

  scanner.text('plan', 'plan --json', JSON.stringify({ changes, unknown: observed.unknown, ...desired }));
  for (const resource of desired.resources) scanPod(scanner, resource, { domain: site.domain, layout });
  for (const file of new Set([path, layout.site])) scanner.file('site file', file, file);
  scanner.tree('log', layout.log, layout.log);
  for (const file of [layout.stateDb, `${layout.stateDb}-wal`]) scanner.file('history', file, file);
  const images = await scanContainers(scanner, podman, site.domain);
  for (const { kind, spec } of desired.resources) if (kind === 'image') images.add((spec as ImageSpec).ref);
  await scanImages(scanner, podman, images);
  scanProcesses(scanner);
  return { leaks: scanner.leaks, seen: scanner.seen, values: values.length };
}

/** Versions of a path that are looked for. */
const VERSIONS = 10;

/** Old versions too: one that was replaced may still be good somewhere. Each value once. */
function valuesOf(store: SecretStore): { secret: string; value: string }[] {
  const found = new Map<string, { secret: string; value: string }>();
  for (const { path, version } of store.list()) {
    if (isPublic(path)) continue;
    for (let at = version; at > Math.max(0, version - VERSIONS); at--) {
      const value = store.version(path, at)?.reveal();
      if (value !== undefined) found.set(`${path} ${value}`, { secret: path, value });
    }
  }
  return [...found.values()];
}

function scanPod(
  scanner: Scanner,
  { kind, name, spec }: Resource,
  options: Parameters<typeof playedPod>[0],
): void {
  if (kind !== 'pod') return;
  scanner.text('pod YAML', name, playedPod(options, { fingerprint: '' }, spec as Pod).yaml);
}

/** What podman keeps of the site's pods and containers, and what these wrote. Returns the images they run. */
async function scanContainers(scanner: Scanner, podman: Podman, domain: string): Promise<Set<string>> {
  const filter = ['--filter', `label=${siteLabel(domain)}`];
  const pods = words(await podman(['pod', 'ps', '--format', '{{.Name}}', ...filter]));
  for (const name of pods)
    scanner.text('podman inspect', `pod ${name}`, await podman(['pod', 'inspect', name]));
  const images = new Set<string>();
  for (const name of words(await podman(['ps', '--all', '--format', '{{.Names}}', ...filter]))) {
    const text = await podman(['container', 'inspect', name]);
    scanner.text('podman inspect', `container ${name}`, text);
    const [{ Image, HostConfig }] = JSON.parse(text) as [
      { Image: string; HostConfig: { LogConfig: { Path: string } } },
    ];
    images.add(Image);
    scanner.file('log', `container ${name}`, HostConfig.LogConfig.Path);
  }
  return images;
}

interface Inspected {
  Id: string;
  RepoTags: string[] | null;
  GraphDriver: { Name: string; Data: { UpperDir?: string; LowerDir?: string } | null };
}

/** Every file of every layer, a layer that images share once; and what the images say of themselves. */
async function scanImages(scanner: Scanner, podman: Podman, names: Set<string>): Promise<void> {
  const seen = new Set<string>();
  for (const name of names) {
    const text = await podman(['image', 'inspect', name]).catch(() => undefined);
    if (text === undefined) continue; // wanted and not built yet
    const [{ Id, RepoTags, GraphDriver }] = JSON.parse(text) as [Inspected];
    const shown = RepoTags?.[0] ?? Id.slice(0, 12);
    scanner.text('podman inspect', `image ${shown}`, text);
    const { UpperDir = '', LowerDir = '' } = GraphDriver.Data ?? {};
    const layers = [...LowerDir.split(':').reverse(), UpperDir].filter(Boolean);
    if (layers.length === 0) await scanMounted(scanner, podman, shown, Id);
    for (const layer of layers) {
      if (!seen.has(layer)) scanner.tree('image', shown, layer);
      seen.add(layer);
    }
  }
}

/** Where the storage keeps no directory a layer: what the image shows, all layers together. */
async function scanMounted(scanner: Scanner, podman: Podman, shown: string, id: string): Promise<void> {
  const directory = (await podman(['image', 'mount', id])).trim();
  try {
    scanner.tree('image', shown, directory);
  } finally {
    await podman(['image', 'unmount', id]);
  }
}

/** Environments and arguments of all processes of this machine: those in pods are among them. */
function scanProcesses(scanner: Scanner): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const comm = `process ${pid}`;
    for (const file of ['environ', 'cmdline']) scanner.file(file, comm, join('/proc', pid, file));
  }
}

function words(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
