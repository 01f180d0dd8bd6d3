import { readBill } from '../build/bills.ts';
import { sbomFile } from '../build/places.ts';
import type { Report } from '../doctor/diagnose.ts';
import { podman as createPodman, type Podman, podName } from '../engines/podman/podman.ts';
import { type ImageSpec, imageRef } from '../model/image.ts';
import type { Layout } from '../model/layout.ts';
import type { Site } from '../model/site.ts';
import { certificateViews } from '../secrets/certificate-views.ts';
import type { ImageView } from '../server/console-api.ts';
import type { ConsoleDesk } from '../server/console-verbs.ts';
import { openJournal } from '../server/journal.ts';
import { Transient } from '../util/errors.ts';
import { runBounded } from '../util/run-bounded.ts';
import type { Installation } from './compose.ts';
import { logFile, logFilesOf, logLines } from './logs.ts';

/** Milliseconds the doctor may take: each check has ten seconds, one after those it needs. */
const EXAMINATION = 60_000;
/** Bytes of its report. */
const REPORT = 2 ** 20;

/** What the console shows and does of this machine. */
export function consoleDesk(
  domain: string,
  { layout, containersConf, store, state, catalog }: Installation,
  readSiteHere: (text: string) => Site,
): ConsoleDesk {
  const podman = createPodman(containersConf);
  return {
    journal: openJournal(layout.stateDb),
    readSiteHere,
    machineFiles: ({ type, settings }) => catalog.get(type)?.machineFiles?.(settings) ?? [],
    async removePod(service) {
      await podman(['pod', 'rm', '--force', '--time', '10', '--ignore', podName(domain, service)]);
    },
    certificates: (wanted) => certificateViews(store.as('console'), wanted),
    async images(wanted, pods) {
      const sizes = await imageSizes(podman);
      const suite = state.suite();
      return wanted
        .filter(({ kind }) => kind === 'image')
        .map(({ name, spec }): ImageView => {
          const ref = imageRef((spec as ImageSpec).recipe, suite);
          const { created, origins = [] } = readBill(sbomFile({ layout }, ref)) ?? {};
          const size = sizes.get(ref);
          const used = pods.filter(({ containers }) => containers.some(({ image }) => image === name));
          return {
            ...{ name, ref, origins, services: used.map(({ service }) => service).sort() },
            ...(size === undefined ? {} : { size }),
            ...(created === undefined ? {} : { created }),
          };
        });
    },
    async *logs(service, lines, follow, gone) {
      const files =
        service === 'allod' ? [{ path: logFile(layout) }] : await logFilesOf(podman, domain, service);
      yield* logLines(files, follow, lines, gone);
    },
    examine: (gone) => examineInChild(layout, gone),
  };
}

/** Bytes by name, of images of ours; of none where one goes, of another site maybe, while podman lists them. */
async function imageSizes(podman: Podman): Promise<Map<string, number>> {
  const filter = ['--filter', 'reference=localhost/allod/*'];
  const listing = await podman(['images', '--format', 'json', ...filter]).catch(() => '[]');
  const images = JSON.parse(listing) as { Names: string[] | null; Size: number }[];
  return new Map(images.flatMap(({ Names, Size }) => (Names ?? []).map((name) => [name, Size] as const)));
}

/** In a process of its own: what its checks are made of would stay in the daemon's memory. */
async function examineInChild({ site }: Layout, gone: AbortSignal): Promise<Report> {
  const argv = [process.execPath, process.argv[1] ?? '', '--site', site, 'doctor', '--json'];
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const { output, fault } = await runBounded(argv, {
    ...{ timeout: EXAMINATION, limit: REPORT, env, signal: gone },
  });
  try {
    return JSON.parse(output.toString()) as Report; // its exit code says what the report says too
  } catch {
    throw new Transient(`the doctor ${fault ?? 'printed no report'}; try ./allod doctor`);
  }
}
