import { endOwned, OWNER_VARIABLE } from './postgres-server.ts'

/** Makes this test run the owner of the PostgreSQL server that a test file may start, and ends that server with the run. */
export function setup(): () => void {
  process.env[OWNER_VARIABLE] = String(process.pid)
  return () => endOwned(process.pid)
}
