import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import { type GuardDeps, guardedPost, isPublicAddress } from '../../src/ingestion/outgoing-webhook/guard.ts'

const PUBLIC = '93.184.215.14'
const never: GuardDeps['request'] = () => {
  throw new Error('a connection was made')
}
const post = (url: string) => ({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
const answering =
  (...addresses: string[]): GuardDeps['resolve'] =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

describe('an address that is not of the public internet', () => {
  test.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
    '',
  ])('%s is not called', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([PUBLIC, '8.8.8.8', '2606:4700:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('an endpoint that is refused before anything is sent', () => {
  const deps = { request: never, resolve: answering('127.0.0.1'), isAllowed: isPublicAddress }

  test.each([
    ['http://hooks.example.com/', 'not_https'],
    ['ftp://hooks.example.com/', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['https://ada:secret@hooks.example.com/', 'credentials_in_url'],
    ['not a url', 'not_a_url'],
    ['https://127.0.0.1/', 'private_address'],
    ['https://[::1]/', 'private_address'],
    ['https://2130706433/', 'private_address'],
    ['https://0x7f.1/', 'private_address'],
    ['https://localhost/', 'private_address'],
    ['https://hooks.example.com/', 'private_address'],
  ])('%s: %s', async (url, reason) => {
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'refused', reason })
  })

  it('is one whose name has a private address among public ones', async () => {
    const mixed = { ...deps, resolve: answering(PUBLIC, '10.0.0.1') }
    expect(await guardedPost(post('https://hooks.example.com/'), mixed)).toEqual({
      kind: 'refused',
      reason: 'private_address',
    })
  })

  it('or a name that leads nowhere', async () => {
    const nowhere = { ...deps, resolve: answering() }
    expect(await guardedPost(post('https://hooks.example.com/'), nowhere)).toEqual({
      kind: 'refused',
      reason: 'private_address',
    })
    const failing = {
      ...deps,
      resolve: async () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    }
    expect(await guardedPost(post('https://hooks.example.com/'), failing)).toEqual({
      kind: 'failed',
      reason: 'enotfound',
    })
  })
})

// A server on this machine, without TLS: what is tested is what goes over the wire, to the address that was looked at.
describe('an endpoint that is called', () => {
  let stop: (() => Promise<void>) | undefined
  afterEach(async () => {
    await stop?.()
    stop = undefined
  })
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stop = () => new Promise((resolve) => server.close(() => resolve()))
    const { port } = server.address() as AddressInfo
    let resolved = 0
    const deps: GuardDeps = {
      request: (options, onResponse) => httpRequest(options, onResponse),
      resolve: async () => {
        resolved++
        // Whatever the name would lead to the second time: it is asked once.
        return [{ address: resolved === 1 ? '127.0.0.1' : '192.0.2.1', family: 4 }]
      },
      isAllowed: () => true,
    }
    return { url: `https://hooks.example.com:${port}/replies?x=1`, deps, resolved: () => resolved }
  }

  it('gets the body and the headers, at the address that was looked at, and the name is asked once', async () => {
    const got: { url?: string | undefined; host?: string | undefined; body: string }[] = []
    const { url, deps, resolved } = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        got.push({ url: request.url, host: request.headers.host, body: Buffer.concat(chunks).toString() })
        response.writeHead(204).end()
      })
    })
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'answered', status: 204 })
    expect(got).toEqual([{ url: '/replies?x=1', host: new URL(url).host, body: '{"a":1}' }])
    expect(resolved()).toBe(1)
  })

  it('is not followed to where it redirects', async () => {
    let calls = 0
    const { url, deps } = await serve((_request, response) => {
      calls++
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
    })
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'answered', status: 302 })
    expect(calls).toBe(1)
  })

  it('says when it wants to be asked again', async () => {
    const { url, deps } = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '120' }).end()
    })
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'answered', status: 429, retryAfter: '120' })
  })

  it('cannot keep us reading', async () => {
    const { url, deps } = await serve((_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(64 * 1024), () => setImmediate(more))
      }
      response.on('error', () => undefined)
      more()
    })
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'answered', status: 200 })
  })

  it('that breaks off is a failure with a code, not an exception', async () => {
    const { url, deps } = await serve((request) => request.socket.destroy())
    expect(await guardedPost(post(url), deps)).toEqual({ kind: 'failed', reason: 'econnreset' })
  })
})
