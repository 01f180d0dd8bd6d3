/** Where a service keeps what is somebody's under their sign-in name, and so where it is put away from. */
export type PersonalData = FolderByName | CommandByName;

/** A folder of a volume that has an entry for each person, called by their name. */
export interface FolderByName {
  /** Id of the service. */
  service: string;
  volume: string;
  /** Relative to the volume: `collections/collection-root`. */
  folder: string;
  /** uid = gid of the volume's owner. */
  owner: number;
}

/** A command in a container of the service that puts away what is under the name it is given as its last argument. */
export interface CommandByName {
  service: string;
  container: string;
  command: string[];
}

/** Whose it was, and since when their account is no more. */
export interface Departed {
  name: string;
  /** ms since 1970. */
  removed: number;
}

/** Unique among all places of a site. */
export function placeKey(place: PersonalData): string {
  const where = 'folder' in place ? ['folder', place.volume, place.folder] : ['container', place.container];
  return [place.service, ...where].join(' ');
}

/** Where it is kept in the volume: `removed/bob-20261124T153000Z`. No name holds a slash. */
export function keptAs({ name, removed }: Departed): string {
  return `removed/${name}-${new Date(removed).toISOString().replaceAll(/[-:]|\..*(?=Z)/g, '')}`;
}
