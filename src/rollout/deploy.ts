import { recordAct } from '../administration/audit-trail.ts'
import { contentHash } from '../core/canonical-json.ts'
import { contentsOf, messagesOfStep, type CompiledJourney } from '../core/compiled-journey.ts'
import type { Content } from '../core/content.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'

export interface Release {
  readonly workspace: CompiledWorkspace
  readonly journeys: readonly CompiledJourney[]
  /** Compiled templates by the SHA-256 (hex) of their canonical JSON. */
  readonly contents: Readonly<Record<string, Content>>
  /** Hash of the commit that the files were compiled from. */
  readonly commit: string
  readonly author: string
  /** Who deploys, for the audit trail. Absent: nobody's act, such as a test's. */
  readonly actor?: string
  /** Virtual epoch milliseconds. */
  readonly now: number
}

export interface Deployment {
  /** Every journey of the release, and every one that it retires (`version` null). */
  readonly journeys: readonly { readonly id: string; readonly version: string | null; readonly changed: boolean }[]
}

/**
 * Makes a release live in one transaction: templates, versions, the pointers that new entrants follow, and the workspace.
 *
 * A journey that is absent is retired: its pointer goes, nobody enters it any more, and its runs finish as they began.
 * Versions and contents are immutable; deploying the same files again changes nothing.
 */
export async function deploy(database: Database, release: Release): Promise<Deployment> {
  const versions = release.journeys.map((journey) => ({ journey, version: contentHash(journey) }))
  for (const { journey } of versions) mustHaveItsContents(journey, release.contents)
  return database.transaction(async (statements) => {
    // Two deploys at once would interleave their pointers: one waits for the other.
    await statements.query('select pg_advisory_xact_lock(7346001)')
    await writeContents(statements, release.contents)
    const before = await statements.query<{ journey: string; version: string }>(
      'select journey, version from deployment',
    )
    const deployed = new Map(before.map((row) => [row.journey, row.version]))
    for (const { journey, version } of versions) await point(statements, journey, version, release)
    const retired = [...deployed.keys()].filter((id) => !versions.some(({ journey }) => journey.id === id))
    await statements.query('delete from deployment where journey = any($1::text[])', [retired])
    await writeWorkspace(statements, release)
    const journeys: Deployment['journeys'] = [
      ...versions.map(({ journey, version }) => ({
        id: journey.id,
        version,
        changed: deployed.get(journey.id) !== version,
      })),
      ...retired.map((id) => ({ id, version: null, changed: true })),
    ]
    const { actor, commit, now: at } = release
    if (actor !== undefined) {
      const changed = journeys.filter((journey) => journey.changed).map(({ id }) => id)
      await recordAct(statements, { actor, act: 'workspace.deploy', subject: commit, detail: { changed }, at })
    }
    return { journeys }
  })
}

async function writeContents(statements: Statements, contents: Readonly<Record<string, Content>>): Promise<void> {
  for (const [hash, content] of Object.entries(contents)) {
    await statements.query('insert into content (hash, body) values ($1, $2) on conflict (hash) do nothing', [
      hash,
      JSON.stringify(content),
    ])
  }
}

async function point(
  statements: Statements,
  journey: CompiledJourney,
  version: string,
  release: Release,
): Promise<void> {
  await statements.query(
    `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (hash) do nothing`,
    [version, journey.id, JSON.stringify(journey), release.commit, release.author, release.now],
  )
  await statements.query(
    `insert into deployment (journey, version, deployed_at) values ($1, $2, $3)
     on conflict (journey) do update set version = excluded.version, deployed_at = excluded.deployed_at
     where deployment.version <> excluded.version`,
    [journey.id, version, release.now],
  )
}

async function writeWorkspace(statements: Statements, release: Release): Promise<void> {
  await statements.query(
    `insert into workspace (id, compiled, hash, deployed_at) values (1, $1, $2, $3)
     on conflict (id) do update
       set compiled = excluded.compiled, hash = excluded.hash, deployed_at = excluded.deployed_at
     where workspace.hash <> excluded.hash`,
    [JSON.stringify(release.workspace), contentHash(release.workspace), release.now],
  )
}

/** A journey without its template would be found out only at send time, when it is too late. */
function mustHaveItsContents(journey: CompiledJourney, contents: Readonly<Record<string, Content>>): void {
  for (const step of journey.steps) {
    for (const content of messagesOfStep(step).flatMap(contentsOf)) {
      if (contents[content] === undefined) {
        throw new Error(`step ${step.id} of ${journey.id} names a content that is not part of the release`)
      }
    }
  }
}
