import type { Site, SiteService } from '../model/site.ts';

/**
 * What has this machine run commands and read and write files beside the site: who administers the site through a browser
 * does not become root by it.
 */
const ROOT_ALONE = ['sources', 'files', 'unseal'] as const;

/** Files of this machine that the settings of a service name. */
export type MachineFiles = (service: SiteService) => string[];

/** Keys of the site file, `secrets.files`, with what is root's to change and differs from the site that is kept. */
export function changedForRoot(site: Site, kept: Site, machineFiles: MachineFiles): string[] {
  const known = new Set(filesNamed(kept, machineFiles).map(({ file }) => file));
  return [
    ...ROOT_ALONE.filter(
      (key) => JSON.stringify(site.secrets[key]) !== JSON.stringify(kept.secrets[key]),
    ).map((key) => `secrets.${key}`),
    ...new Set(
      filesNamed(site, machineFiles)
        .filter(({ file }) => !known.has(file))
        .map(({ key }) => key),
    ),
  ];
}

function filesNamed({ certificates, services }: Site, machineFiles: MachineFiles) {
  const ca = certificates.acme?.ca;
  return [
    ...(ca === undefined ? [] : [{ key: 'certificates.acme.ca', file: ca }]),
    ...services.flatMap((service) =>
      machineFiles(service).map((file) => ({ key: `services.${service.id}`, file })),
    ),
  ];
}
