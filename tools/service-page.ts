import type { ServiceDefinition } from '../src/contracts/service.ts';
import type { Observed } from '../src/model/resource.ts';
import { type DesiredService, desire } from '../src/plan/desired.ts';
import type { Instance } from '../src/plan/instance.ts';
import { type Catalog, resolve } from '../src/plan/resolve.ts';
import { readManual, SECTIONS, siteOfAll, siteOfExample, smallestExample, unique } from './manual.ts';

/** A machine where nothing is yet. */
export const NOTHING: Observed = {
  resources: {},
  unknown: {},
  addresses: { subnet: '10.64.0.0/20', given: {} },
};

/** The page of one service: the folder's README and what its definition says. Markdown. */
export function servicePage(definition: ServiceDefinition, catalog: Catalog): string {
  const { type, title } = definition;
  const manual = readManual(type);
  const site = siteOfExample(smallestExample(definition), catalog);
  const alone = desire(site, catalog, NOTHING).services;
  const service = alone.find((each) => each.type === type);
  const own = resolve(site, catalog).find((each) => each.context.service.id === service?.id);
  if (!service || !own) throw new Error(`the example of ${type} has no service of this type`);
  return `${[
    `# ${type}: ${title}`,
    `<!-- Made by \`npm run docs\` from src/catalog/${type}/: change it there. -->`,
    manual.get('Name') ?? '',
    ...SECTIONS.slice(1).map((heading) => `## ${heading}\n\n${manual.get(heading) ?? ''}`),
    `## What runs\n\n${containers(service)}\n\n${imagesOf(definition)}\n\n${companions(type, alone)}`,
    `## Ports\n\n${portsOf(type, catalog)}`,
    `## Data\n\n${dataOf(own, service)}`,
  ].join('\n\n')}\n`;
}

/** All services in one table. Markdown. */
export function servicesIndex(catalog: Catalog): string {
  const rows = [...catalog.values()].map(({ type, title, provides }) => {
    const comes = provides ? `with services that need ${codes(provides.contracts)}` : 'when asked for';
    return `| [${type}](${type}.md) | ${title} | ${comes} |`;
  });
  return `# Services

<!-- Made by \`npm run docs\` from src/catalog/: change it there. -->

Every key of the site file is in [the reference](../site-file.md).

${table(['Service', 'What it is', 'Comes'], rows)}
`;
}

function containers({ pod }: DesiredService): string {
  const rows = pod.containers.map(
    ({ name, image, user, memory }) => `| \`${name}\` | \`${image}\` | ${user} | ${memory} MiB |`,
  );
  const total = pod.containers.reduce((sum, { memory }) => sum + memory, 0);
  return `${table(['Container', 'Image', 'User id', 'Memory limit'], rows)}

With the settings as they come, ${total} MiB at most in all.`;
}

function imagesOf({ images }: ServiceDefinition): string {
  const rows = images.map(({ name, packages }) => `| \`${name}\` | ${codes(packages)} |`);
  return `It brings ${images.length === 1 ? 'this image' : 'these images'}:

${table(['Image', 'Debian packages'], rows)}`;
}

function companions(type: string, alone: DesiredService[]): string {
  const others = alone.filter((service) => service.type !== type);
  if (others.length === 0) return 'It needs no other service.';
  return `With it come ${others.map((other) => `[${other.type}](${other.type}.md)`).join(', ')}.`;
}

/** Who may connect where; taken from a site that has every service, because others open ports of it too. */
function portsOf(type: string, catalog: Catalog): string {
  const instances = resolve(siteOfAll(catalog), catalog);
  const own = instances.find((instance) => instance.context.service.type === type);
  const id = own?.context.service.id;
  const consumers = new Map(own?.received.map(({ consumer, request }) => [consumer.id, request.contract]));
  const between = instances.flatMap(({ allow }) =>
    allow
      .filter((rule) => rule.to === id)
      .map(({ from, port, protocol }) => `| ${port} ${protocol} | ${who(from)} |`),
  );
  const open = (own?.openings ?? []).map(
    ({ port, protocol, ipv4 }) =>
      `| ${port} ${protocol} | anybody, over IPv6${ipv4 === 'forwarded' ? ' and IPv4' : ''} |`,
  );
  const rows = [...open, ...between];
  if (rows.length === 0) return 'Nobody connects to it.';
  return table(['Port', 'Who may connect'], unique(rows).sort(byNumber));

  function who(from: string): string {
    const contract = consumers.get(from);
    return contract ? `services that ask for \`${contract}\`` : `the service \`${from}\``;
  }
}

/** Ports by their number, which is the first in the row. */
function byNumber(a: string, b: string): number {
  return Number.parseInt(a.slice(2), 10) - Number.parseInt(b.slice(2), 10);
}

function dataOf({ resources }: Instance, { id, pod }: DesiredService): string {
  const mounts = pod.containers.flatMap((container) => container.mounts);
  const rows = resources
    .filter((resource) => resource.kind === 'volume')
    .map(({ name, why }) => {
      const path = mounts.find(({ volume }) => `${id}/${volume}` === name)?.path ?? '';
      return `| \`${name}\` | \`${path}\` | ${why.sentence} |`;
    });
  return rows.length === 0 ? 'It keeps none.' : table(['Volume', 'In the container', 'What'], rows);
}

function table(heads: string[], rows: string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${heads.map(() => '---').join('|')}|`, ...rows].join('\n');
}

function codes(names: string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
