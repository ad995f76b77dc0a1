import type { Language } from '../preferences/language.ts'
import type { Programme } from './sms-text.ts'

export interface RequestMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

interface Words {
  readonly subject: (brand: string) => string
  readonly asked: (brand: string, title: string) => string
  readonly often: (frequency: string) => string
  readonly yes: string
  readonly valid: (days: number) => string
  readonly nothing: string
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    subject: (brand) => `Please confirm: emails from ${brand}`,
    asked: (brand, title) => `Somebody, probably you, asked ${brand} to send emails to this address about: ${title}.`,
    often: (frequency) => ` How often: ${frequency}.`,
    yes: 'Yes, I want these emails',
    valid: (days) => `The link works for ${days} days.`,
    nothing: 'If it was not you, do nothing: you will get no more emails about this.',
  },
  es: {
    subject: (brand) => `Confirme, por favor: correos de ${brand}`,
    asked: (brand, title) =>
      `Alguien, probablemente usted, pidió a ${brand} que envíe correos a esta dirección sobre: ${title}.`,
    often: (frequency) => ` Frecuencia: ${frequency}.`,
    yes: 'Sí, quiero estos correos',
    valid: (days) => `El enlace funciona durante ${days} días.`,
    nothing: 'Si no fue usted, no haga nada: no recibirá más correos sobre esto.',
  },
}

/**
 * The mail of a double opt-in: who asks, for what, the link, and that doing nothing is enough to say no. It advertises nothing: until
 * it is answered there is no consent to advertising. GDPR Art. 7(1); CAN-SPAM 15 USC 7704(a)(5) for the postal address.
 */
export function requestMail(
  { brand, title, frequency, language, postalAddress }: Programme & { readonly postalAddress: string },
  link: { readonly url: string; readonly validDays: number },
): RequestMail {
  const words = WORDS[language]
  const asked = `${words.asked(brand, title)}${frequency === undefined ? '' : words.often(frequency)}`
  const rest = `${words.valid(link.validDays)} ${words.nothing}`
  const sender = `${brand}, ${postalAddress}`
  return {
    subject: words.subject(brand),
    text: [asked, `${words.yes}:\n${link.url}`, rest, sender].join('\n\n'),
    html: `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escape(words.subject(brand))}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif">
<p>${escape(asked)}</p>
<p><a href="${escape(link.url)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1f5fd6;color:#ffffff;text-decoration:none;font-weight:600">${escape(words.yes)}</a></p>
<p>${escape(rest)}</p>
<p style="font-size:13px">${escape(sender)}</p>
</body>
</html>
`,
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(words: string): string {
  return words.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
