import { PersonFault } from '../util/errors.ts';
import { exec } from '../util/exec.ts';

/** Where this machine gets Debian from, and how: its own mirror, proxies, certificates, date checks. */
export interface HostApt {
  /** dpkg's name of the architecture: `amd64`. */
  architecture: string;
  /** URI of the archive. */
  archive: string;
  /** URI of the security archive, where the machine has one. */
  security?: string;
  /** Lines of apt.conf(5): the machine's own `Acquire` settings. */
  settings: string[];
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Reads the machine's apt configuration through apt itself, whichever of its formats it is written in. */
export async function readHostApt(): Promise<HostApt> {
  const format = '$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)';
  const [architecture, targets, dump] = await Promise.all([
    exec(['dpkg', '--print-architecture']),
    exec(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']),
    exec(['apt-config', 'dump']),
  ]);
  return { architecture: architecture.trim(), ...chooseArchives(targets), settings: chooseSettings(dump) };
}

/**
 * Picks the Debian archives out of `origin|release|component|uri` lines. The origin is known once lists
 * have been downloaded; before that (`$(ORIGIN)` stands as it is) the path of the URI has to tell.
 */
export function chooseArchives(targets: string): Pick<HostApt, 'archive' | 'security'> {
  const debian = targets
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([origin = '', , component, uri = '']) => {
      const known = origin !== '' && !origin.startsWith('$(');
      return component === 'main' && (known ? origin === 'Debian' : /\/debian[^/]*\/?$/.test(uri));
    })
    .map(([, release = '', , uri = '']) => ({ release, uri: uri.replace(/\/$/, '') }));
  const archive = debian.find(({ release }) => /^[a-z]+$/.test(release));
  if (!archive)
    throw new PersonFault({
      where: 'package sources',
      message:
        'expected an archive of Debian among the sources of apt on this machine; got none; try a Debian 12 or 13',
    });
  const security = debian.find(({ release }) => /^[a-z]+(-security|\/updates)$/.test(release));
  return { archive: archive.uri, ...(security ? { security: security.uri } : {}) };
}

/** Lines of `apt-config dump` that say how to fetch, none that say what, or that would accept less proof. */
export function chooseSettings(dump: string): string[] {
  const wanted =
    /^Acquire::(?!IndexTargets|Changelogs|CompressionTypes|Languages|GzipIndexes|cdrom|Allow|By-Hash)\S+ "(.+)";$/;
  return dump.split('\n').filter((line) => wanted.test(line));
}

/** The sources of a suite on this machine's mirror, in the format of sources.list(5), deb822 style. */
export function sourcesOf(host: HostApt, suite: string): string {
  const stanza = (uri: string, suites: string) =>
    `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\nSigned-By: ${KEYRING}\n`;
  const archive = stanza(host.archive, `${suite} ${suite}-updates`);
  return host.security ? `${archive}\n${stanza(host.security, `${suite}-security`)}` : archive;
}

export interface AptPlaces {
  sources: string;
  lists: string;
  /** For apt's binary caches. */
  cache: string;
  archives: string;
}

/** An apt.conf that knows nothing of this machine's packages and hooks, only how it fetches. */
export function aptConf(host: HostApt, places: AptPlaces): string {
  return [
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `Dir::Etc::sourcelist "${places.sources}";`,
    `Dir::State::lists "${places.lists}";`,
    `Dir::Cache "${places.cache}";`,
    `Dir::Cache::archives "${places.archives}";`,
    `APT::Architecture "${host.architecture}";`,
    'APT::Architectures "";',
    'APT::Sandbox::User "root";',
    'APT::Install-Recommends "false";',
    'Acquire::Languages "none";',
    // Who may use the archives and their caches is settled by locks of ours, which wait their turn.
    'Debug::NoLocking "true";',
    ...host.settings,
    '',
  ].join('\n');
}
