/** What the statements of the send path are called in the matrix. Whatever is not in the list is called by its verb and table. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/for no key update of c for share of e/, 'lock contact and run'],
  [/pg_advisory_xact_lock/, 'lock addresses'],
  [/"heldOut"/, 'read facts'],
  [/insert into decision[\s\S]*insert into send/, 'write decision and reservation'],
  [/insert into decision[\s\S]*update send set reason/, 'write decision and put on hold'],
  [/state = 'reserved', reason = 'throttled'/, 'give back'],
  [/set state = 'attempting'/, 'claim'],
  [/where id = \$1 and attempt_real_at = \$2\s+returning state/, 'record outcome'],
  [/reason = 'interrupted'/, 'mark as interrupted'],
  [/for update skip locked/, 'take entries'],
  [/update outbox set done_at/, 'mark as told'],
  [/compiled -> 'senders'/, 'find open sends'],
]

export function nameOfStatement(text: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(text))
  if (known !== undefined) return known[1]
  const verb = /\b(insert into|update|delete from)\s+(\w+)/i.exec(text)
  if (verb?.[1] !== undefined && verb[2] !== undefined)
    return `${verb[1].split(' ')[0]?.toLowerCase() ?? ''} ${verb[2]}`
  const table = /\bfrom\s+(\w+)/i.exec(text)?.[1] ?? 'nothing'
  return /\bfor (?:no key )?(?:update|share)\b/i.test(text) ? `lock ${table}` : `read ${table}`
}
