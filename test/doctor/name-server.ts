import { createSocket } from 'node:dgram'
import dnsPacket, { type Answer } from 'dns-packet'

/** A record of the zone. An `ALIAS` is a CNAME that the server does not follow by itself. */
export type ZoneRecord =
  | { readonly type: 'TXT'; readonly data: string | readonly string[] }
  | { readonly type: 'MX'; readonly data: { readonly preference: number; readonly exchange: string } }
  | { readonly type: 'A'; readonly data: string }
  | { readonly type: 'CNAME'; readonly data: string }
export type Zone = Readonly<Record<string, readonly ZoneRecord[] | 'silence' | 'failure'>>

export interface TestNameServer {
  /** `host:port`. */
  readonly address: string
  /** Names that were asked for, in order. */
  readonly asked: string[]
  stop(): Promise<void>
}

const NXDOMAIN = 3
const SERVFAIL = 2

/** A real name server over UDP on loopback, authoritative for the zone: names that are not in it do not exist. */
export async function startNameServer(zone: Zone): Promise<TestNameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (message, peer) => {
    const { id, questions = [] } = dnsPacket.decode(message)
    const [question] = questions
    const name = question?.name.toLowerCase() ?? ''
    asked.push(name)
    const records = zone[name]
    if (records === 'silence') return
    const type = question?.type ?? 'A'
    const code = records === 'failure' ? SERVFAIL : records === undefined ? NXDOMAIN : 0
    const answers = Array.isArray(records) ? records.filter((record) => record.type === type) : []
    const packet = dnsPacket.encode({
      type: 'response',
      id: id ?? 0,
      flags: dnsPacket.AUTHORITATIVE_ANSWER | code,
      questions,
      answers: answers.map((record): Answer => answerOf(name, record)),
    })
    socket.send(packet, peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  }
}

function answerOf(name: string, record: ZoneRecord): Answer {
  switch (record.type) {
    case 'TXT':
      return { type: 'TXT', name, ttl: 1, data: typeof record.data === 'string' ? record.data : [...record.data] }
    case 'MX':
      return { type: 'MX', name, ttl: 1, data: record.data }
    case 'A':
    case 'CNAME':
      return { type: record.type, name, ttl: 1, data: record.data }
    default:
      return record satisfies never
  }
}
