import { type CertificateRequest, certificate } from '../../contracts/certificate.ts';
import type { HttpRouteRequest } from '../../contracts/http-route.ts';
import type { TlsPortRequest } from '../../contracts/tls-port.ts';
import type { Site } from '../../model/site.ts';

/** The certificate of a host, public where it is of a web service, with the ports at which anybody is shown it. */
export function certificateFor(
  host: string,
  why: string,
  http: HttpRouteRequest[],
  tls: TlsPortRequest[],
): CertificateRequest {
  const isWeb = http.some((route) => route.host === host);
  const others = tls.filter((one) => one.host === host && one.public).map(({ port }) => port);
  const ports = isWeb ? [443, ...others] : others;
  return certificate({
    names: [host],
    ...(isWeb ? { public: true } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    why,
  });
}

/**
 * While the site's own CA signs, or another that browsers do not know, a browser that lost the CA must be able to see what
 * is wrong: HSTS would not let it.
 */
export function hasPublicCa({ certificates: { acme } }: Site): boolean {
  return acme !== undefined && acme.ca === undefined;
}
