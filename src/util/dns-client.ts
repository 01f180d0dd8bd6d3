import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import {
  type Answer,
  AUTHENTIC_DATA,
  type DecodedPacket,
  DNSSEC_OK,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  type RecordType,
} from 'dns-packet';
import { messageOf, Transient } from './errors.ts';

export interface DnsQuestion {
  /** Address of the server, either family. */
  server: string;
  port?: number;
  /** With or without the dot at its end. */
  name: string;
  type: RecordType;
  /** Asks for signatures as well (RFC 3225), and for the AD bit (RFC 6840 section 5.7). */
  dnssec?: boolean;
  /** A resolver is to ask others; without it, a server answers from what it has itself. */
  recursion?: boolean;
  /** Over TCP from the beginning; without it, only where the answer does not fit into a datagram. */
  tcp?: boolean;
  /** Milliseconds for each of UDP and TCP; 2000 unless given. */
  timeout?: number;
}

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, …; the twelve bits of RFC 6891 are not put together. */
  rcode: string;
  /** The server has the zone itself (AA). */
  authoritative: boolean;
  /** The server has checked the signatures up to an anchor it trusts (AD). */
  authentic: boolean;
  /** The server asks others for its clients (RA). */
  recursive: boolean;
  /** Names in lower case and without the dot at their end, `''` for the root. */
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
}

/** A record as dns-packet decodes it; those of a type it does not know have bytes for data. */
export type DnsRecord = Exclude<Answer, { type: 'OPT' }> & { ttl: number };

/** Octets of a datagram that pass every network whole (DNS flag day 2020). */
const DATAGRAM = 1232;

/**
 * Asks one server one question. Only what that server sends back for this very question counts; a datagram that
 * was lost is sent once more at half time.
 * @throws Transient, with the server named, where there is no answer or none that can be read.
 */
export async function askDns(question: DnsQuestion): Promise<DnsAnswer> {
  try {
    const query = queryOf(question);
    if (!question.tcp) {
      const packet = await overUdp(question, query);
      if (!packet.flag_tc) return answerOf(packet);
    }
    return answerOf(await overTcp(question, query));
  } catch (error) {
    throw new Transient(
      `${question.server} gives no answer for ${nameOf(question)} ${question.type}: ${messageOf(error)}`,
    );
  }
}

function nameOf({ name }: DnsQuestion): string {
  return plain(name) || '.';
}

function queryOf(question: DnsQuestion): Packet {
  const { type, dnssec, recursion } = question;
  const edns = { udpPayloadSize: DATAGRAM, extendedRcode: 0, ednsVersion: 0, options: [] };
  return {
    type: 'query',
    id: randomInt(65_536),
    flags: (recursion ? RECURSION_DESIRED : 0) | (dnssec ? AUTHENTIC_DATA : 0),
    questions: [{ type, name: nameOf(question) }],
    additionals: [
      {
        ...{ type: 'OPT', name: '.', ...edns },
        ...{ flags: dnssec ? DNSSEC_OK : 0, flag_do: dnssec === true },
      },
    ],
  };
}

function overUdp(question: DnsQuestion, query: Packet): Promise<DecodedPacket> {
  const { server, port = 53, timeout = 2000 } = question;
  const datagram = encode(query);
  // Connected, so that the kernel drops what others send and tells when nobody listens.
  const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
  let again: NodeJS.Timeout | undefined;
  let end: NodeJS.Timeout | undefined;
  const answer = new Promise<DecodedPacket>((resolve, reject) => {
    end = setTimeout(() => reject(silence(timeout)), timeout);
    socket.on('error', reject);
    socket.on('message', (message) => {
      const packet = readPacket(message, query);
      if (packet) resolve(packet);
    });
    socket.on('connect', () => {
      socket.send(datagram);
      again = setTimeout(() => socket.send(datagram), timeout / 2);
    });
    socket.connect(port, server);
  });
  return answer.finally(() => {
    clearTimeout(again);
    clearTimeout(end);
    socket.close();
  });
}

function overTcp(question: DnsQuestion, query: Packet): Promise<DecodedPacket> {
  const { server, port = 53, timeout = 2000 } = question;
  const socket = connect({ host: server, port });
  let end: NodeJS.Timeout | undefined;
  const answer = new Promise<DecodedPacket>((resolve, reject) => {
    end = setTimeout(() => reject(silence(timeout)), timeout);
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed')));
    socket.on('connect', () => {
      const message = encode(query);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Two octets say how long the message is (RFC 1035 section 4.2.2).
      const whole = received.length >= 2 && received.length >= received.readUInt16BE(0) + 2;
      if (!whole) return;
      const packet = readPacket(received.subarray(2, received.readUInt16BE(0) + 2), query);
      if (packet) resolve(packet);
      else reject(new Error('the answer is to another question or cannot be read'));
    });
  });
  return answer.finally(() => {
    clearTimeout(end);
    socket.destroy();
  });
}

function silence(timeout: number): Error {
  return new Error(`silence for ${timeout / 1000} s`);
}

/** Undefined for what is no answer to this question: noise, or somebody who guesses. */
function readPacket(message: Buffer, query: Packet): DecodedPacket | undefined {
  try {
    const packet = decode(message);
    return packet.flag_qr && packet.id === query.id && sameQuestion(packet, query) ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** A server that cannot read the question (FORMERR) may leave it out. */
function sameQuestion(packet: DecodedPacket, query: Packet): boolean {
  const [got] = packet.questions ?? [];
  const [asked] = query.questions ?? [];
  if (!got) return rcodeOf(packet) === 'FORMERR';
  return got.type === asked?.type && plain(got.name) === plain(asked.name);
}

function answerOf(packet: DecodedPacket): DnsAnswer {
  return {
    rcode: rcodeOf(packet),
    authoritative: packet.flag_aa,
    authentic: packet.flag_ad,
    recursive: packet.flag_ra,
    answers: recordsOf(packet.answers),
    authorities: recordsOf(packet.authorities),
    additionals: recordsOf(packet.additionals),
  };
}

/** The type declarations leave the code out. */
function rcodeOf(packet: DecodedPacket): string {
  return (packet as DecodedPacket & { rcode: string }).rcode;
}

function recordsOf(records: Answer[] = []): DnsRecord[] {
  return records
    .filter((record) => record.type !== 'OPT')
    .map((record) => ({ ...record, name: plain(record.name), ttl: record.ttl ?? 0 }));
}

/** Names are compared without regard to case (RFC 4343). */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
