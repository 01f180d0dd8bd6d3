import { X509Certificate } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { messageOf, Transient } from '../util/errors.ts';

/** ms one handshake may take, and all tries together. */
const TIMEOUT = 2000;
const PATIENCE = 10_000;
/** SSLRequest of PostgreSQL's protocol (chapter 53.7); the answer is one byte. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export interface TlsPort {
  address: string;
  port: number;
  host: string;
  startTls?: 'postgres';
}

/** Resolves when a new client of the port is shown this certificate (PEM); throws Transient where it is not. */
export async function proveCertificate(port: TlsPort, pem: string): Promise<void> {
  const { serialNumber } = new X509Certificate(pem);
  await patiently(async () => {
    const shown = (await shownBy(port))?.serialNumber;
    if (shown !== serialNumber)
      throw new Transient(`${port.host} shows the certificate ${shown ?? 'of nobody'}, not ${serialNumber}`);
  });
}

/** Asks again, quickly at first, until it is so or patience ends; then throws what was said last. */
export async function patiently(ask: () => Promise<void>, patience = PATIENCE): Promise<void> {
  const deadline = Date.now() + patience;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 250)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Transient) || Date.now() > deadline) throw error;
      await sleep(pause);
    }
  }
}

/** The certificate a port shows a new client; throws Transient where it answers nobody. */
export async function shownBy({
  address,
  port,
  host,
  startTls,
}: TlsPort): Promise<X509Certificate | undefined> {
  const plain = connect({ host: address, port });
  plain.setTimeout(TIMEOUT, () => plain.destroy(new Error('no answer in time')));
  try {
    await once(plain, 'connect');
    if (startTls === 'postgres') {
      plain.write(SSL_REQUEST);
      await once(plain, 'readable');
      if (plain.read(1)?.toString() !== 'S') throw new Error('the server takes no TLS');
    }
    // What is asked is which certificate it is, not whether to trust it.
    const tls = connectTls({ socket: plain, servername: host, rejectUnauthorized: false });
    await once(tls, 'secureConnect');
    const shown = tls.getPeerX509Certificate();
    tls.destroy();
    return shown;
  } catch (error) {
    throw new Transient(`${host} port ${port}: ${messageOf(error)}`);
  } finally {
    plain.destroy();
  }
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}
