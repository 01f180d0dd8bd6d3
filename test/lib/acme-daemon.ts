import { acmeSite, changeTo, hostWanted } from './acme-site.ts';

/** A process that orders a certificate until it is killed. Its argument: JSON of what it is given. */
const { folder, server, host, source } = JSON.parse(process.argv[2] ?? '');
await acmeSite(folder, server).certificates.apply(changeTo(hostWanted(host, source)), () => {});
