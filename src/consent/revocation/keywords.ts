/** Words that carriers and regulators of a country expect to end, begin or explain messages when a text is nothing else. */
export interface KeywordSet {
  /** ISO 3166 codes; empty: everywhere. */
  readonly countries: readonly string[]
  readonly revoke: readonly string[]
  readonly start: readonly string[]
  readonly help: readonly string[]
  readonly source: string
  /** ISO date on which somebody last read the source. */
  readonly reviewed: string
}

const SPANISH: KeywordSet = {
  countries: ['US', 'PR', 'MX', 'ES', 'CO', 'AR', 'CL', 'PE', 'DO', 'EC', 'GT', 'CR', 'PA', 'UY'],
  revoke: [
    'alto',
    'baja',
    'parar',
    'para',
    'pare',
    'paren',
    'cancelar',
    'salir',
    'terminar',
    'detener',
    'eliminar',
    'remover',
    'anular',
    'desuscribir',
    'no mas',
  ],
  start: ['iniciar', 'comenzar', 'empezar', 'alta', 'reanudar'],
  help: ['ayuda', 'informacion'],
  source:
    "Spanish keywords of Twilio's Advanced Opt-Out and of Mexican and Spanish operators (ALTO, BAJA, PARAR, CANCELAR, SALIR)",
  reviewed: '2026-11-25',
}

/** In the spelling of `clausesOf`: lower case, without accents. */
export const KEYWORD_SETS: readonly KeywordSet[] = [
  {
    countries: [],
    revoke: ['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe'],
    start: [],
    help: [],
    source: '47 CFR 64.1200(a)(10): words that are revocations per se when they answer a text',
    reviewed: '2026-11-23',
  },
  {
    countries: [],
    revoke: ['stop', 'stopall', 'stop all', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout'],
    // "Yes" is a word of Twilio's too, but people say it to other questions; it counts only where Twilio acted on it itself.
    start: ['start', 'unstop'],
    help: ['help', 'info'],
    source:
      'Twilio default keywords for long codes, toll-free and short codes, in every country: help.twilio.com 223134027',
    reviewed: '2026-11-23',
  },
  {
    countries: ['US', 'CA', 'PR'],
    revoke: [
      'remove',
      'out',
      'unsub',
      'cease',
      'desist',
      'discontinue',
      'halt',
      'terminate',
      'deactivate',
      'mute',
      'unlist',
      'dnc',
      'no texts',
    ],
    start: ['opt in', 'optin', 'resubscribe', 'subscribe', 'resume', 'restart'],
    help: ['aide', 'help me', 'support'],
    source:
      'What people write in the United States instead of the words of 47 CFR 64.1200(a)(10), which are not exclusive; French for Canada by CWTA short code rules',
    reviewed: '2026-11-25',
  },
  SPANISH,
  {
    countries: ['GB', 'IE', 'AU', 'NZ', 'ZA', 'IN', 'SG'],
    revoke: ['stop', 'optout', 'opt out', 'stop all'],
    start: [],
    help: [],
    source:
      'UK Mobile Network Operators Code of Practice for common mobile short codes: STOP and STOP ALL; ACMA and ICO guidance: STOP, OPTOUT',
    reviewed: '2026-11-25',
  },
  {
    countries: ['FR', 'BE', 'LU', 'CH', 'CA'],
    revoke: ['stop', 'arret', 'arreter', 'arretez', 'desabonner', 'desinscription', 'desinscrire', 'fin'],
    start: ['debut', 'reprendre'],
    help: ['aide'],
    source: 'AF2M (France) rules for commercial texts: STOP; CWTA (Canada): ARRET as the French of STOP',
    reviewed: '2026-11-25',
  },
  {
    countries: ['DE', 'AT', 'CH', 'LU'],
    revoke: ['stopp', 'stop', 'abmelden', 'abmeldung', 'abbestellen', 'ende', 'kundigen', 'austragen', 'beenden'],
    start: ['anmelden'],
    help: ['hilfe'],
    source:
      'Code of conduct of the German mobile operators for short codes: STOP ends a service; STOPP, ABMELDEN and ENDE as people write it',
    reviewed: '2026-11-25',
  },
  {
    countries: ['BR', 'PT'],
    revoke: ['parar', 'pare', 'sair', 'cancelar', 'cancela', 'remover', 'descadastrar'],
    start: ['iniciar', 'comecar', 'voltar'],
    help: ['ajuda'],
    source: 'Brazilian operators (Anatel self-regulation of short codes): SAIR, PARAR, CANCELAR; Portugal: PARAR',
    reviewed: '2026-11-25',
  },
  {
    countries: ['IT', 'CH'],
    revoke: ['stop', 'basta', 'annulla', 'cancella', 'disiscrivi', 'disiscrivimi', 'fine'],
    start: ['inizia'],
    help: ['aiuto'],
    source: 'Italian code of conduct for premium services (CASP): STOP; the others as people write it',
    reviewed: '2026-11-25',
  },
  {
    countries: ['NL', 'BE'],
    revoke: ['stop', 'stop aan', 'uit', 'afmelden', 'uitschrijven', 'stoppen'],
    start: ['aanmelden'],
    help: ['hulp'],
    source: 'Dutch SMS code of conduct (gedragscode SMS-dienstverlening): STOP; the others as people write it',
    reviewed: '2026-11-25',
  },
  {
    countries: ['SE', 'NO', 'DK', 'FI'],
    revoke: ['stopp', 'stop', 'avsluta', 'avregistrera', 'avslutt', 'avmeld', 'afmeld', 'slutt', 'lopeta'],
    start: [],
    help: ['hjalp', 'hjelp', 'apua'],
    source: 'Nordic operators: STOPP (Sweden, Norway), STOP (Denmark, Finland)',
    reviewed: '2026-11-25',
  },
  {
    countries: ['PL', 'CZ', 'SK'],
    revoke: ['stop', 'koniec', 'rezygnuje', 'wypisz', 'konec', 'zrusit'],
    start: [],
    help: ['pomoc'],
    source: 'STOP by the operators; the others as people write it',
    reviewed: '2026-11-25',
  },
]

/** What is answered in Spanish. */
export const SPANISH_KEYWORDS: ReadonlySet<string> = new Set([...SPANISH.revoke, ...SPANISH.start, ...SPANISH.help])

/** A word that only in some countries means a refusal ("fine", "uit") must not be one elsewhere. */
export function keywordsOf(country: string | undefined): Pick<KeywordSet, 'revoke' | 'start' | 'help'> {
  const sets = KEYWORD_SETS.filter(
    ({ countries }) =>
      countries.length === 0 ||
      (country === undefined ? HOME.some((home) => countries.includes(home)) : countries.includes(country)),
  )
  return {
    revoke: [...sets.flatMap(({ revoke }) => revoke), ...ANYWHERE],
    start: sets.flatMap(({ start }) => start),
    help: sets.flatMap(({ help }) => help),
  }
}

/** Where a country is not known, it is one of the homes of the product. */
const HOME: readonly string[] = ['US']
/** Foreign words that mean nothing else in any of the languages: people roam and move. */
const ANYWHERE: readonly string[] = [
  'stopp',
  'arret',
  'arreter',
  'alto',
  'baja',
  'parar',
  'cancelar',
  'sair',
  'abmelden',
  'afmelden',
]
