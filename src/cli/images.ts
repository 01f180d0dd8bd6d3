import type { Command } from 'commander';
import type { CertificateView } from '../model/certificate.ts';
import { call } from '../server/client.ts';
import type { ImageView } from '../server/console-api.ts';
import { nearest } from '../site/nearest.ts';
import { PersonFault } from '../util/errors.ts';
import { span } from './age.ts';
import { columns } from './columns.ts';
import type { Cli } from './context.ts';

export function registerImages(program: Command, cli: Cli): void {
  program
    .command('images [NAME]')
    .description('images of the site and where what is in them comes from; of one, every package')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, options: { json?: boolean }) => {
      const { images } = await call(cli.openSite().layout.socket, 'images', {});
      const shown = name === undefined ? images : [oneOf(images, name)];
      if (options.json) cli.out.write(`${JSON.stringify(shown, null, 2)}\n`);
      else cli.out.write(name === undefined ? imagesTable(shown) : shown.map(imageText).join(''));
    });

  program
    .command('certificates')
    .description('certificates of the site: for which names, from whom, until when, and who shows them')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { certificates } = await call(cli.openSite().layout.socket, 'certificates', {});
      if (options.json) cli.out.write(`${JSON.stringify(certificates, null, 2)}\n`);
      else cli.out.write(certificatesTable(certificates));
    });
}

function oneOf(images: ImageView[], name: string): ImageView {
  const found = images.find((image) => image.name === name);
  if (found) return found;
  const names = images.map((image) => image.name);
  throw new PersonFault({
    where: name,
    message: `expected the name of an image of this site; try ${nearest(name, names) ?? names.join(', ')}`,
  });
}

/** A line an image. */
export function imagesTable(images: ImageView[], now = Date.now()): string {
  if (images.length === 0) return 'No image yet. Try ./allod up\n';
  const rows = images.map(({ name, ref, size, created, origins, services }) => [
    name,
    ref.split(':').at(-1) ?? '',
    size === undefined ? '–' : `${Math.round(size / 1e6)} MB`,
    created === undefined ? 'not built' : `${span(now - created)} ago`,
    origins.map(({ from, packages }) => `${packages.length} ${from}`).join(', ') || '–',
    services.join(', ') || '–',
  ]);
  return `${columns([['IMAGE', 'TAG', 'SIZE', 'MADE', 'PACKAGES', 'SERVICES'], ...rows]).join('\n')}\n`;
}

function imageText({ ref, origins }: ImageView): string {
  const lists = origins.map(
    ({ from, packages }) =>
      `\n${from}\n${columns(packages.map(({ name, version }) => ['', name, version])).join('\n')}\n`,
  );
  return `${ref}\n${lists.join('')}`;
}

/** A line a certificate. */
export function certificatesTable(certificates: CertificateView[], now = Date.now()): string {
  if (certificates.length === 0) return 'No certificate yet. Try ./allod up\n';
  const rows = certificates.map(({ name, names, issuer, from, to, services }) => [
    name,
    span(now - from),
    to > now ? `in ${span(to - now)}` : 'over',
    services.join(', ') || '–',
    issuer,
    names.join(' ') || '–',
  ]);
  return `${columns([['CERTIFICATE', 'AGE', 'ENDS', 'SHOWN BY', 'ISSUER', 'NAMES'], ...rows]).join('\n')}\n`;
}
