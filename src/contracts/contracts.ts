import type { AppPasswordsRequest, AppPasswordsResult } from './app-passwords.ts';
import type { CertificateRequest, CertificateResult } from './certificate.ts';
import type { DaemonSocketRequest, DaemonSocketResult } from './daemon-socket.ts';
import type { DatabaseRequest, DatabaseResult } from './database.ts';
import type { DirectoryBindRequest, DirectoryBindResult } from './directory-bind.ts';
import type { DnsRecordRequest } from './dns-record.ts';
import type { ForwardAuthRequest } from './forward-auth.ts';
import type { HttpRouteRequest, HttpRouteResult } from './http-route.ts';
import type { LoginRequest, LoginResult } from './login.ts';
import type { OidcClientRequest, OidcClientResult } from './oidc-client.ts';
import type { PersonalDataRequest } from './personal-data.ts';
import type { PublicPortRequest } from './public-port.ts';
import type { ResolverRequest, ResolverResult } from './resolver.ts';
import type { SecretRequest, SecretResult } from './secret.ts';
import type { TileRequest } from './tile.ts';
import type { TlsPortRequest } from './tls-port.ts';
import type { VolumeRequest, VolumeResult } from './volume.ts';

/** Every need a service may have: what it asks, and what it gets. One file each in this folder. */
export interface Contracts {
  'app-passwords': { request: AppPasswordsRequest; result: AppPasswordsResult };
  certificate: { request: CertificateRequest; result: CertificateResult };
  'daemon-socket': { request: DaemonSocketRequest; result: DaemonSocketResult };
  database: { request: DatabaseRequest; result: DatabaseResult };
  'directory-bind': { request: DirectoryBindRequest; result: DirectoryBindResult };
  'dns-record': { request: DnsRecordRequest; result: Granted };
  'forward-auth': { request: ForwardAuthRequest; result: Granted };
  'http-route': { request: HttpRouteRequest; result: HttpRouteResult };
  login: { request: LoginRequest; result: LoginResult };
  'oidc-client': { request: OidcClientRequest; result: OidcClientResult };
  'personal-data': { request: PersonalDataRequest; result: Granted };
  'public-port': { request: PublicPortRequest; result: Granted };
  resolver: { request: ResolverRequest; result: ResolverResult };
  secret: { request: SecretRequest; result: SecretResult };
  tile: { request: TileRequest; result: Granted };
  'tls-port': { request: TlsPortRequest; result: Granted };
  volume: { request: VolumeRequest; result: VolumeResult };
}

export type ContractName = keyof Contracts;
export type Request = Contracts[ContractName]['request'];
/** Requests of one service, by a key of its own choosing. */
export type Requests = Record<string, Request>;
export type ResultOf<R extends Request> = Contracts[R['contract']]['result'];
export type Results<R extends Requests> = { [K in keyof R]: ResultOf<R[K]> };

/** The result of a request that yields nothing but its being fulfilled. */
export type Granted = Record<never, never>;
