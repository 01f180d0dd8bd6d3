import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import type { Server } from '../../src/delegation/wanted.ts';

/** What a server answers to a name without the dot at its end; undefined is silence. Id and question are put in. */
export type Reply = (query: { name: string; type: string }, by: 'udp' | 'tcp') => FakeAnswer | undefined;

/** A packet; the type declarations of dns-packet know no `rcode`. */
export type FakeAnswer = Omit<Packet, 'id' | 'type' | 'questions'> & { rcode?: keyof typeof RCODES };

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** A name server at the wire, over UDP and TCP, that ends with the test. Port 0: any that is free. */
export async function wireServer(
  t: TestContext,
  address: string,
  reply: Reply,
  port = 0,
  /** Sends what it likes before the answer. */
  before: (query: DecodedPacket, client: RemoteInfo, send: (packet: Buffer) => void) => void = () => {},
): Promise<Server> {
  const tcp = createServer((socket) => {
    socket.on('error', () => {}); // a client that has its answer is gone
    socket.once('data', (chunk) => {
      const answer = answerTo(chunk.subarray(2), reply, 'tcp');
      if (!answer) return socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      return socket.end(Buffer.concat([length, answer]));
    });
  });
  tcp.listen(port, address);
  await once(tcp, 'listening');
  const bound = (tcp.address() as AddressInfo).port;
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (message, client) => {
    const send = (packet: Buffer) => udp.send(packet, client.port, client.address);
    before(decode(message), client, send);
    const answer = answerTo(message, reply, 'udp');
    if (answer) send(answer);
  });
  udp.bind(bound, address);
  await once(udp, 'listening');
  t.after(() => {
    udp.close();
    tcp.close();
  });
  return { address, port: bound };
}

function answerTo(message: Buffer, reply: Reply, by: 'udp' | 'tcp'): Buffer | undefined {
  const query = decode(message);
  const [question] = query.questions ?? [];
  const answer =
    question && reply({ name: question.name.toLowerCase().replace(/\.$/, ''), type: question.type }, by);
  if (!answer) return undefined;
  const { rcode = 'NOERROR', flags = 0, ...sections } = answer;
  return encode({
    ...sections,
    type: 'response',
    id: query.id,
    flags: flags | RCODES[rcode],
    questions: [question],
  });
}
