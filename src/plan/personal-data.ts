import type { PersonalData } from '../model/personal-data.ts';
import type { Site } from '../model/site.ts';
import { type Catalog, resolve } from './resolve.ts';

/** Every place where a service of the site keeps what is somebody's under their name. */
export function personalDataOf(site: Site, catalog: Catalog): PersonalData[] {
  return resolve(site, catalog).flatMap(({ definition, context }) => {
    const service = context.service.id;
    const requests = Object.values(definition.requests(context));
    return requests.flatMap((request): PersonalData[] => {
      if (request.contract !== 'personal-data') return [];
      const { where } = request;
      if ('command' in where) return [{ service, ...where }];
      const volume = requests.find((one) => one.contract === 'volume' && one.name === where.volume);
      if (volume?.contract !== 'volume') throw new Error(`${service} has no volume ${where.volume}`);
      return [{ service, ...where, owner: volume.owner }];
    });
  });
}
