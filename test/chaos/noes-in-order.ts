import type { Database } from '../../src/core/database.ts'

/** A "no", or a run's end, with the real instant at which the store committed it. */
export type No =
  | {
      readonly kind: 'address'
      readonly hash: string
      readonly channel: string
      readonly reason: string
      readonly at: number
    }
  | {
      readonly kind: 'consent'
      readonly contact: string
      readonly channel: string
      readonly purpose: string
      readonly at: number
    }
  | { readonly kind: 'run'; readonly enrollment: string; readonly at: number }

/**
 * Has the store itself note every "no" in the transaction that writes it. The commit instant of that note is the server's own, so it
 * depends on nobody's clock but the machine's. Needs `track_commit_timestamp`.
 */
export async function watchNoes(database: Database): Promise<void> {
  await database.query('create table chaos_no (kind text not null, subject text not null, channel text, detail text)')
  await database.query(`create function chaos_note() returns trigger language plpgsql as $body$
    begin
      if tg_table_name = 'suppression' then
        if new.lifted_at is null then insert into chaos_no values ('address', new.address_hash, new.channel, new.reason); end if;
      elsif tg_table_name = 'consent' then
        if new.state = 'revoked' then insert into chaos_no values ('consent', new.contact_id, new.channel, new.purpose); end if;
      elsif new.state = 'ended' and new.outcome in ('goal', 'exited') then
        insert into chaos_no values ('run', new.id);
      end if;
      return null;
    end $body$`)
  for (const table of ['suppression', 'consent', 'enrollment']) {
    await database.query(
      `create trigger chaos_note after insert or update on ${table} for each row execute function chaos_note()`,
    )
  }
}

export async function noesOf(database: Database): Promise<readonly No[]> {
  const rows = await database.query<{ kind: string; subject: string; channel: string; detail: string; at: number }>(
    `select kind, subject, channel, detail, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::double precision as at
       from chaos_no order by 5`,
  )
  return rows.map(({ kind, subject, channel, detail, at }): No => {
    if (kind === 'address') return { kind, hash: subject, channel, reason: detail, at }
    if (kind === 'consent') return { kind, contact: subject, channel, purpose: detail, at }
    return { kind: 'run', enrollment: subject, at }
  })
}
