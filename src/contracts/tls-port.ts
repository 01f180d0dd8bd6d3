/** TLS for a protocol other than HTTP: nginx in the pod ends it and passes the stream to loopback. */
export interface TlsPortRequest {
  contract: 'tls-port';
  /** Host name the certificate is for. */
  host: string;
  /** Port of the pod that clients connect to. */
  port: number;
  /** Port on 127.0.0.1 of the pod. */
  target: number;
  /** Anybody connects, who may learn its key from the DNS. The port itself is opened by `public-port`. */
  public?: true;
  why: string;
}

export function tlsPort(request: Omit<TlsPortRequest, 'contract'>): TlsPortRequest {
  return { contract: 'tls-port', ...request };
}
