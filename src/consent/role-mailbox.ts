/**
 * Mailboxes that belong to a function of a mail server and not to a person. Nobody there ever signed up; whoever reads them keeps
 * block lists. Source: RFC 2142 sections 4 and 5 (network and service mailboxes), and the names of machines that read nothing.
 *
 * Business mailboxes of the same RFC (info, sales, support, marketing) are left out: small firms and their owners live there.
 */
const NOBODY: ReadonlySet<string> = new Set([
  'abuse',
  'noc',
  'security',
  'postmaster',
  'hostmaster',
  'usenet',
  'news',
  'webmaster',
  'www',
  'uucp',
  'ftp',
  'mailer-daemon',
  'root',
  'nobody',
  'spam',
  'phishing',
  'noreply',
  'no-reply',
  'no_reply',
  'do-not-reply',
  'donotreply',
  'bounce',
  'bounces',
  'null',
])

/** Whether nobody in particular reads a normalised email address. */
export function isRoleMailbox(email: string): boolean {
  const local = email.slice(0, email.lastIndexOf('@'))
  const name = local.split('+', 1)[0] ?? local
  return NOBODY.has(name)
}
