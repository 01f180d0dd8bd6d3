import type { Report } from '../doctor/diagnose.ts';
import type { CertificateView } from '../model/certificate.ts';
import type { Person } from '../model/people.ts';
import type { Pod } from '../model/pod.ts';
import type { Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { Listener } from '../reconcile/events.ts';
import type { Keeper } from '../reconcile/keeper.ts';
import { nearest } from '../site/nearest.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { checklist, TICKS } from './checklist.ts';
import type { ConsoleApi, ImageView, LogLine } from './console-api.ts';
import { faultsOf } from './faults.ts';
import { ignoredFindings, ignoreFinding, lastReport } from './findings.ts';
import type { Journal } from './journal.ts';
import type { MachineFiles } from './root-alone.ts';
import type { SecretDesk } from './secrets.ts';
import type { Handlers } from './server.ts';
import { type SiteParts, siteHandlers } from './site-desk.ts';
import type { Tasks } from './tasks.ts';

/** What of this machine the console shows and does; `main/` joins it to the real parts. */
export interface ConsoleDesk {
  journal: Journal;
  /** Validates the text of a site file, against this machine too; throws PersonFault. */
  readSiteHere(text: string): Site;
  machineFiles: MachineFiles;
  /** Removes the pod of a service; the next run makes it anew. */
  removePod(service: string): Promise<void>;
  certificates(wanted: Resource[]): CertificateView[];
  images(wanted: Resource[], pods: Pod[]): Promise<ImageView[]>;
  /** Lines of a service, or of the daemon itself, which is called `allod`; ends with the signal where it follows. */
  logs(service: string, lines: number, follow: boolean, gone: AbortSignal): AsyncIterable<LogLine>;
  /** Runs the doctor in a process of its own. */
  examine(gone: AbortSignal): Promise<Report>;
}

export interface ConsoleParts extends ConsoleDesk, Omit<SiteParts, 'site'> {
  tasks: Tasks;
  secrets: SecretDesk;
  current(): Keeper;
  people(site: Site): Promise<Person[]>;
  /** Whether an administrator has something more to prove who they are than a password. */
  hasProof(name: string): boolean;
}

export function consoleHandlers(parts: ConsoleParts): Pick<Handlers, keyof ConsoleApi> {
  const { journal, tasks, current } = parts;
  const wanted = () => current().wanted;
  const files = siteHandlers({ ...parts, site: () => current().world.site });
  return {
    siteFile: files.siteFile,
    checkSite: files.checkSite,
    async applySite(request, emit, asker) {
      const work = { title: 'apply the site file', by: asker.who };
      const { faults } = await tasks.run(work, emit, (listen) => files.applySite(request, listen, asker));
      return { faults };
    },
    async tasks() {
      return { tasks: tasks.list() };
    },
    task: ({ id, follow = true }, emit, asker) => tasks.follow(id, asker, emit, follow),
    async restartService({ service }, emit, { who }) {
      assertRuns(service, parts);
      await tasks.run({ title: `restart ${service}`, by: who }, emit, (listen) =>
        restart(service, parts, listen),
      );
      return {};
    },
    async certificates() {
      return { certificates: parts.certificates(wanted().resources) };
    },
    async images() {
      const { resources, services } = wanted();
      return {
        images: await parts.images(
          resources,
          services.map(({ pod }) => pod),
        ),
      };
    },
    async addresses() {
      return { exposures: wanted().exposures };
    },
    async logs({ service, lines, follow }, emit, { gone, ready }) {
      if (service !== 'allod') assertKnown(service, [...idsOf(current()), 'allod']);
      for await (const line of parts.logs(service, lines, follow, gone)) {
        emit(line);
        await ready();
        if (gone.aborted) break;
      }
      return {};
    },
    async doctor(_, _emit, { gone }) {
      return { report: await parts.examine(gone), ignored: ignoredFindings(journal) };
    },
    async ignoreFinding({ id, ignored }) {
      ignoreFinding(journal, id, ignored, TICKS);
      return {};
    },
    async activity({ limit }) {
      return { entries: journal.entries(Math.min(Math.max(0, Math.trunc(limit)), 1000)) };
    },
    async checklist() {
      const { site } = current().world;
      const report = lastReport(journal);
      return {
        items: checklist({
          site,
          portal: has(current(), 'portal'),
          people: has(current(), 'directory') ? await parts.people(site) : [],
          hasProof: parts.hasProof,
          kit: parts.secrets.printedKit(),
          ...(report ? { checks: report } : {}),
          ticked: new Set(ignoredFindings(journal)),
        }),
      };
    },
  };
}

/** Whether a service of this type belongs to the site, asked for or needed by another. */
function has({ services }: Keeper, wanted: string): boolean {
  return services.some(({ type }) => type === wanted);
}

function idsOf(keeper: Keeper): string[] {
  return keeper.services.map(({ id }) => id);
}

function assertKnown(service: string, known: string[]): void {
  if (known.includes(service)) return;
  throw new PersonFault({
    where: service,
    message: `expected a service of this site; try ${nearest(service, known) ?? './allod status'}`,
  });
}

/** A pod is made anew from files that need the store: without it, the one that runs must stay. */
function assertRuns(service: string, { current, secrets }: ConsoleParts): void {
  assertKnown(service, idsOf(current()));
  if (secrets.lock().state === 'sealed')
    throw new PersonFault({
      where: service,
      message:
        'expected the secrets to be open, because its pod may need them; they are sealed; try ./allod secrets unseal',
    });
}

async function restart(service: string, { current, removePod }: ConsoleParts, listen: Listener) {
  const keeper = current();
  const key = `pod/${service}`;
  await keeper.exclusive(async () => {
    const start = Date.now();
    listen({ type: 'started', key, service, text: `stop ${service}` });
    await removePod(service);
    listen({ type: 'done', key, ms: Date.now() - start });
  }, listen);
  const faults = faultsOf(await keeper.runUntilServing(listen)).filter((fault) => fault.service === service);
  const health = keeper.health.of(service);
  if (faults.length === 0 && health?.healthy) return { faults };
  throw new Transient(
    `${service} was started again and does not serve: ${faults[0]?.text ?? health?.answer ?? 'it is gone'}`,
  );
}
