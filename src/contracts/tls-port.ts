/** TLS for a protocol other than HTTP: nginx in the pod ends it and passes the stream to loopback. */
export interface TlsPortRequest {
  contract: 'tls-port';
  /** Host name the certificate is for. */
  host: string;
  /** Port of the pod that clients connect to. */
  port: number;
  /** Port on 127.0.0.1 of the pod. */
  target: number;
  why: string;
}

export function tlsPort(request: Omit<TlsPortRequest, 'contract'>): TlsPortRequest {
  return { contract: 'tls-port', ...request };
}
