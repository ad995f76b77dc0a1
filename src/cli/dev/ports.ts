import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port of loopback that is free now: the preferred one if it is, any other if not. */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer()
  try {
    server.listen(preferred, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    if (preferred === 0) throw error
    return await freePort()
  } finally {
    server.close()
  }
}
