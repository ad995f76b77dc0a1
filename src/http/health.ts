import type { FastifyInstance } from 'fastify'
import type { Database } from '../core/database.ts'
import { openTo } from './credentials.ts'

/** `/health`: the process answers. `/ready`: it can also reach the store, so it may be given traffic. */
export function healthRoutes(app: FastifyInstance, database: Database): void {
  app.get('/health', openTo('load balancers ask; it says nothing but that the process answers'), async () => ({
    status: 'ok',
  }))
  app.get('/ready', openTo('load balancers ask; it says nothing but that the store answers'), async () => {
    // Throws DatabaseUnavailable, which the error handler answers with 503.
    await database.query('select 1 as ready')
    return { status: 'ready' }
  })
}
