import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli, OpenSite } from '../cli/context.ts';
import { ensurePackages } from '../host/packages.ts';
import { variablesOf } from '../model/source.ts';
import type { Catalog } from '../plan/resolve.ts';
import { call, NoDaemon } from '../server/client.ts';
import { siteNotices } from '../site/notices.ts';
import { caller } from '../util/caller.ts';
import { askHidden } from './ask.ts';
import { daemonVersion } from './daemon-version.ts';
import { ensureDaemon } from './ensure-daemon.ts';
import { logFile, printLogs } from './logs.ts';
import { findCommand, replaceBy } from './replace.ts';
import { saySecret } from './say-secret.ts';
import { findSite, openSite, writeStarter } from './site-files.ts';
import { codeVersion } from './version.ts';

/** What makes a site true: most commands ask the daemon, and begin in half the time without it. */
const alone = () => import('./alone.ts');

/** What the commands are given: everything they do to the world goes through here. */
export function createCli(catalog: Catalog, named: () => string | undefined): Cli {
  const { stdout: out, stderr: err } = process;
  const say = (text: string) => err.write(`${text}\n`);

  function open(changing?: boolean): OpenSite {
    const opened = openSite(named(), catalog, changing);
    if (changing) for (const notice of siteNotices(opened.site)) say(`notice: ${notice}`);
    return opened;
  }

  return {
    out,
    err,
    openSite: open,
    openOrStartSite() {
      if (!findSite(named())) {
        const path = join(process.cwd(), 'site.yaml');
        writeStarter(path, 'allod.localhost');
        say(
          `There was no site file, so ${path} was written: a site for this machine alone, allod.localhost.`,
        );
      }
      return open(true);
    },
    prepareHost: () => ensurePackages(say),
    ensureDaemon: ({ layout, site }) => ensureDaemon(layout, site.domain, variablesOf(site.secrets.sources)),
    async plan(site) {
      if ((await daemonVersion(site.layout)) === codeVersion())
        return await call(site.layout.socket, 'plan', { site: site.text });
      return await (await alone()).plan(site, catalog);
    },
    exposures: async (site) => await (await alone()).exposures(site, catalog),
    statusWithoutDaemon: async (site) => await (await alone()).status(site, catalog),
    takeDown: async (site, tell) => await (await alone()).takeDown(site, catalog, tell),
    async destroy(site, tell) {
      await withDaemon(
        () => call(site.layout.socket, 'down', {}),
        async () => ({}),
      );
      await (await alone()).destroy(site, tell);
    },
    async logs(site, service, following, lines) {
      if (service === 'allod') await printLogs([{ path: logFile(site.layout) }], following, lines);
      else await (await alone()).logs(site, catalog, service, following, lines);
    },
    async examine() {
      const site = findSite(named()) ? open() : undefined;
      const { examine } = await import('./examine.ts');
      const { keepReport } = await import('./known-findings.ts');
      const report = await examine(site, catalog);
      return { report, ignored: site ? keepReport(site.layout, report) : [] };
    },
    async ignoreFinding(id, ignored) {
      const { sayIgnored } = await import('./known-findings.ts');
      await sayIgnored(open().layout, id, ignored);
    },
    async bench(only, tell) {
      const { bench } = await import('./bench.ts');
      return await bench(catalog, only, tell);
    },
    async rehearse(site, options) {
      const { rehearseSite } = await import('./rehearsal/command.ts');
      return await rehearseSite(site, catalog, options, err);
    },
    async reveal(site, paths) {
      const actor = `person ${caller()} by exec`;
      return await withDaemon(
        async () => (await call(site.layout.socket, 'reveal', { paths, actor })).values,
        async () => await (await alone()).reveal(site, paths, actor),
      );
    },
    scan: async (site) => await (await alone()).scan(site, catalog),
    ...{ findCommand, replaceBy },
    secrets: (site, verb, body) => saySecret(site, catalog, verb, body),
    names: (site, verb) =>
      withDaemon(
        () => call(site.layout.socket, verb, {}),
        async () => await (await alone()).names(site, catalog, verb),
      ),
    askHidden,
    stdin: () => readFileSync(0, 'utf8'),
    async ca(site) {
      return existsSync(site.layout.secretsDb) ? await (await alone()).ca(site) : undefined;
    },
    exit(code) {
      process.exitCode = code;
    },
  };
}

async function withDaemon<T>(ask: () => Promise<T>, without: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error;
  }
  return await without();
}
