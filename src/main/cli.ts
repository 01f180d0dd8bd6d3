import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cli, OpenSite } from '../cli/context.ts';
import { podman as createPodman } from '../engines/podman/podman.ts';
import { ensureContainersConf } from '../host/containers-conf.ts';
import { ensurePackages } from '../host/packages.ts';
import { siteCa } from '../model/certificate.ts';
import { variablesOf } from '../model/source.ts';
import type { Status } from '../model/status.ts';
import { desireUnseen } from '../plan/desired.ts';
import { foresee } from '../plan/renumbering.ts';
import type { Catalog } from '../plan/resolve.ts';
import { look } from '../reconcile/converge.ts';
import { Health } from '../reconcile/health.ts';
import { outlookFor } from '../reconcile/phases.ts';
import { serviceStatus, siteStatus } from '../reconcile/status.ts';
import { revealAll } from '../secrets/reveal-all.ts';
import { openStore } from '../secrets/store.ts';
import type { Api, NameVerb } from '../server/api.ts';
import { call, NoDaemon } from '../server/client.ts';
import { siteNotices } from '../site/notices.ts';
import { caller } from '../util/caller.ts';
import { PersonFault } from '../util/errors.ts';
import { askHidden } from './ask.ts';
import { compose, type Installation } from './compose.ts';
import { daemonVersion, ensureDaemon } from './daemon.ts';
import { examine } from './examine.ts';
import { closeInstallation, openInstallation } from './install.ts';
import { keepReport, sayIgnored } from './known-findings.ts';
import { logFile, logFilesOf, printLogs } from './logs.ts';
import { namesOf } from './names.ts';
import { findCommand, replaceBy } from './replace.ts';
import { saySecret } from './say-secret.ts';
import { scan } from './scan.ts';
import { findSite, openSite, writeStarter } from './site-files.ts';
import { destroy, takeDown } from './take-down.ts';
import { codeVersion } from './version.ts';

/** What the commands are given: everything they do to the world goes through here. */
export function createCli(catalog: Catalog, named: () => string | undefined): Cli {
  const { stdout: out, stderr: err } = process;
  const say = (text: string) => err.write(`${text}\n`);

  function open(changing?: boolean): OpenSite {
    const opened = openSite(named(), catalog, changing);
    if (changing) for (const notice of siteNotices(opened.site)) say(`notice: ${notice}`);
    return opened;
  }

  async function installed<T>(site: OpenSite, work: (installation: Installation) => Promise<T>): Promise<T> {
    const installation = await openInstallation(site.layout, catalog);
    try {
      return await work(installation);
    } finally {
      closeInstallation(installation);
    }
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
      return await installed(site, async (installation) => {
        const world = compose(site.site, installation);
        const { changes, observed } = await look(world);
        return { changes, unknown: observed.unknown, ...(await outlookFor(world)) };
      });
    },
    exposures: (site) =>
      installed(site, async ({ state }) => {
        const network = foresee(site.site.network, state.network());
        return desireUnseen(site.site, catalog, { network }).exposures;
      }),
    statusWithoutDaemon: (site) => installed(site, (installation) => withoutDaemon(site, installation)),
    takeDown: (site, tell) =>
      installed(site, (installation) => takeDown(site.site.domain, installation, tell)),
    async destroy(site, tell) {
      try {
        await call(site.layout.socket, 'down', {});
      } catch (error) {
        if (!(error instanceof NoDaemon)) throw error;
      }
      const folder = mkdtempSync(join(tmpdir(), 'allod-'));
      try {
        const containersConf = await ensureContainersConf(join(folder, 'containers.conf'));
        await destroy(site.site.domain, { layout: site.layout, containersConf }, tell);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    async logs(site, service, following, lines) {
      if (service === 'allod') return await printLogs([{ path: logFile(site.layout) }], following, lines);
      await installed(site, async ({ containersConf }) => {
        const files = await logFilesOf(createPodman(containersConf), site.site.domain, service);
        await printLogs(files, following, lines);
      });
    },
    async examine() {
      const site = findSite(named()) ? open() : undefined;
      const report = await examine(site, catalog);
      return { report, ignored: site ? keepReport(site.layout, report) : [] };
    },
    ignoreFinding: (id, ignored) => sayIgnored(open().layout, id, ignored),
    async bench(only, say) {
      // Not at the top: no other command has any use for it.
      const { bench } = await import('./bench.ts');
      return await bench(catalog, only, say);
    },
    async rehearse(site, options) {
      const { rehearseSite } = await import('./rehearsal/command.ts');
      return await rehearseSite(site, catalog, options, err);
    },
    async reveal({ layout }, paths) {
      const actor = `person ${caller()} by exec`;
      try {
        return (await call(layout.socket, 'reveal', { paths, actor })).values;
      } catch (error) {
        if (!(error instanceof NoDaemon)) throw error;
      }
      if (!existsSync(layout.secretsDb))
        throw new PersonFault({
          where: 'exec',
          message: 'expected a store; got none yet; try ./allod up first',
        });
      const store = openStore(layout.secretsDb, layout);
      try {
        return revealAll(store, paths, actor);
      } finally {
        store.close();
      }
    },
    scan: (site) => installed(site, (installation) => scan(site, installation)),
    ...{ findCommand, replaceBy },
    secrets: (site, verb, body) => saySecret(site, catalog, verb, body),
    async names(site, verb) {
      try {
        return await call(site.layout.socket, verb, {});
      } catch (error) {
        if (!(error instanceof NoDaemon)) throw error;
      }
      return await installed(site, (installation) => tellNames(site, installation, verb));
    },
    askHidden,
    stdin: () => readFileSync(0, 'utf8'),
    ca(site) {
      if (!existsSync(site.layout.secretsDb)) return undefined;
      const store = openStore(site.layout.secretsDb, site.layout);
      const pem = store.get(siteCa.secret)?.reveal();
      store.close();
      return pem;
    },
    exit(code) {
      process.exitCode = code;
    },
  };
}

async function withoutDaemon(site: OpenSite, installation: Installation): Promise<Status> {
  const world = compose(site.site, installation);
  const { desired } = await look(world);
  const health = new Health(world);
  await health.refresh(desired.services);
  const services = desired.services.map((service) => serviceStatus(service, health, undefined));
  return siteStatus(site.site.domain, services, { running: false }, '', installation.store.findings());
}

/** What a daemon would tell. */
async function tellNames<V extends NameVerb>(
  { site }: OpenSite,
  installation: Installation,
  verb: V,
): Promise<Api[V]['answer']> {
  const network = foresee(site.network, installation.state.network());
  const { resources } = desireUnseen(site, installation.catalog, { network });
  const names = namesOf(site, installation);
  const answers: { [N in NameVerb]: () => Promise<Api[N]['answer']> } = {
    delegations: async () => ({ zones: names.delegations(resources) }),
    records: async () => ({ records: await names.records(resources) }),
  };
  return await answers[verb]();
}
