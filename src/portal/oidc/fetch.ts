import { request } from 'node:https';
import { rootCertificates } from 'node:tls';

/**
 * Requests to services of the site, which are at inner addresses and have certificates of the site's CA or of a public
 * one. oidc-provider's own way refuses inner addresses, to protect from clients that register themselves; here every
 * address is of the site file. Nothing but HTTPS is asked: plain HTTP would be this pod's own loopback.
 */
export function siteFetch(
  ca: () => string,
): (url: string | URL | Request, options?: RequestInit) => Promise<Response> {
  return (url, options = {}) =>
    new Promise((resolve, reject) => {
      const body = options.body == null ? '' : String(options.body);
      const headers = Object.fromEntries(new Headers(options.headers));
      const req = request(
        String(url),
        {
          method: options.method ?? 'GET',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          ca: [...rootCertificates, ca()],
          agent: false,
          ...(options.signal ? { signal: options.signal } : {}),
        },
        (response) => {
          response.resume(); // the status says all
          response.on('end', () => resolve(new Response(null, { status: response.statusCode ?? 502 })));
          response.on('error', reject);
        },
      );
      req.on('error', reject);
      req.end(body);
    });
}
