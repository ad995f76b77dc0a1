import type { Database, Statements } from '../core/database.ts'
import type { CodePool, CompiledWorkspace } from '../core/workspace.ts'

/** Codes travel to the store this many at a time: one statement each, and a load of any size needs little memory. */
const BATCH = 1_000
const MAX_CODE_LENGTH = 64
/** What stands above a column of codes in a shop's export. */
const HEADING = /^(?:discount|coupon|voucher|promo)?[ _-]?codes?$/i

type CodeLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'code'; readonly code: string }
  /** `reason` never quotes the line: whoever reads a log could spend its code. */
  | { readonly kind: 'bad'; readonly reason: string }

/** What one line of a file of codes holds. `number` is 1-based. */
function readCodeLine(line: string, number: number): CodeLine {
  // Also takes off the carriage return of Windows and the byte order mark with which spreadsheets begin their files.
  const code = line.trim()
  if (code === '') return { kind: 'blank' }
  const reason = whyNoCode(code, number)
  return reason === undefined ? { kind: 'code', code } : { kind: 'bad', reason }
}

function whyNoCode(code: string, number: number): string | undefined {
  if (number === 1 && HEADING.test(code)) return 'a heading, not a code'
  if (code.length > MAX_CODE_LENGTH) return `longer than ${MAX_CODE_LENGTH} characters`
  if (/[,;\t]/.test(code)) return 'more than one column: put one code a line, and nothing else'
  if (/["'`]/.test(code)) return 'quotation marks: write the code without them'
  if (/\s/.test(code)) return 'a blank within the code'
  // Anything beyond ASCII would also turn a text that shows it into twice as many segments.
  if (!/^[\x21-\x7E]+$/.test(code)) return 'a character that is no ASCII letter, digit or sign'
  return undefined
}

/** What became of a file's lines. Blank lines count nowhere. */
export interface CodeLoad {
  readonly loaded: number
  /** In the pool already, issued or not, or twice in the file. */
  readonly known: number
  readonly bad: number
}

/**
 * Puts codes into a pool, batch by batch as the lines come. What is in the pool already stays as it is, so a load that broke off is
 * simply run again, and two loads at once do not disturb each other. `onBad` hears of each line that is no code, in order.
 */
export async function loadCodes(
  database: Database,
  pool: string,
  lines: AsyncIterable<string>,
  onBad: (line: number, reason: string) => void,
): Promise<CodeLoad> {
  let number = 0
  let [loaded, known, bad] = [0, 0, 0]
  let batch: string[] = []
  const flush = async (): Promise<void> => {
    const fresh = await insertCodes(database, pool, batch)
    loaded += fresh
    known += batch.length - fresh
    batch = []
  }
  for await (const line of lines) {
    number++
    const read = readCodeLine(line, number)
    switch (read.kind) {
      case 'blank':
        break
      case 'bad':
        bad++
        onBad(number, read.reason)
        break
      case 'code':
        batch.push(read.code)
        if (batch.length === BATCH) await flush()
        break
      default:
        read satisfies never
    }
  }
  if (batch.length > 0) await flush()
  return { loaded, known, bad }
}

/** How many of them were new. Sorted, so that two loads of the same codes never wait for each other in a circle. */
async function insertCodes(statements: Statements, pool: string, codes: readonly string[]): Promise<number> {
  const rows = await statements.query(
    `insert into offer_code (pool, code)
     select $1, code from unnest($2::text[]) as given (code) order by code
     on conflict (pool, code) do nothing
     returning 1 as fresh`,
    [pool, codes],
  )
  return rows.length
}

/** The code pools of the deployed workspace by name, or undefined before the first deploy. */
export async function deployedPools(statements: Statements): Promise<Readonly<Record<string, CodePool>> | undefined> {
  const [row] = await statements.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  return row?.compiled.pools
}

export interface PoolStock {
  readonly pool: string
  /** `removed`: it has codes, but is not in the deployed workspace, so nothing is issued from it. */
  readonly kind: CodePool['kind'] | 'removed'
  /** Codes that nobody has yet. Null for a pool that makes them when they are needed. */
  readonly free: number | null
  readonly issued: number
}

/** Every pool that is deployed or has codes, by name. */
export async function poolStock(statements: Statements): Promise<readonly PoolStock[]> {
  const pools = (await deployedPools(statements)) ?? {}
  const rows = await statements.query<{ pool: string; free: number; issued: number }>(
    `select pool, count(*) filter (where enrollment_id is null) as free, count(enrollment_id) as issued
     from offer_code group by pool`,
  )
  const counted = new Map(rows.map((row) => [row.pool, row]))
  const names = new Set([...Object.keys(pools), ...counted.keys()])
  return [...names].toSorted().map((pool) => {
    const kind = pools[pool]?.kind ?? 'removed'
    const { free, issued } = counted.get(pool) ?? { free: 0, issued: 0 }
    return { pool, kind, free: kind === 'generated' ? null : free, issued }
  })
}
