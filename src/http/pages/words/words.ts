/** Everything that Segue itself says on a page. Names, descriptions and disclosures are the workspace's own. */
export interface Words {
  /** The language in itself. */
  readonly name: string
  readonly numberEndingIn: (digits: string) => string
  /** "a and b". */
  readonly both: (first: string, second: string) => string
  readonly day: (at: number, zone: string) => string
  readonly terms: string
  readonly privacy: string
  readonly preferences: PreferenceWords
  readonly unsubscribe: UnsubscribeWords
  readonly signUp: SignUpWords
  readonly lost: { readonly title: string; readonly text: string }
}

export interface UnsubscribeWords {
  readonly title: string
  readonly ofThisKind: string
  readonly ofThisKindNamed: (description: string) => string
  readonly stillComing: string
  readonly button: string
  readonly doneTitle: string
  readonly done: string
  readonly more: string
}

export interface PreferenceWords {
  readonly title: string
  readonly about: (addresses: string) => string
  readonly noAddress: string
  readonly saved: string
  readonly asked: Readonly<Record<'email' | 'sms', string>>
  readonly later: string
  readonly outdated: string
  readonly topics: string
  readonly channels: Readonly<Record<'email' | 'sms', string>>
  readonly byTurningOn: string
  readonly confirmsFirst: Readonly<Record<'email' | 'sms', string>>
  readonly obstacles: Readonly<Record<'stopped' | 'blocked' | 'expired' | 'unproven', string>>
  readonly howOften: string
  readonly howOftenHint: string
  readonly fewer: Readonly<Record<'none' | 'week' | 'month', string>>
  readonly language: string
  readonly save: string
  readonly pauseTitle: string
  readonly pauseText: string
  readonly pause: string
  readonly pausedTitle: string
  readonly pausedUntil: (day: string) => string
  readonly resume: string
  readonly stopTitle: string
  readonly stopText: string
  readonly stop: string
  readonly stoppedAll: string
  readonly paused: string
  readonly resumed: string
  readonly alwaysTitle: string
  readonly alwaysText: string
  readonly needsNoScript: string
}

export interface SignUpWords {
  readonly title: (topic: string) => string
  readonly emailLabel: string
  readonly phoneLabel: string
  readonly phoneHint: string
  readonly how: string
  readonly howHint: string
  readonly box: Readonly<Record<'email' | 'sms', string>>
  readonly button: string
  readonly trap: string
  readonly mistakes: string
  readonly noBox: string
  readonly noEmail: string
  readonly wrongEmail: string
  readonly noPhone: string
  readonly wrongPhone: string
  readonly askedTitle: string
  readonly asked: Readonly<Record<'email' | 'sms', string>>
  readonly askedRest: string
  readonly unknownTitle: string
  readonly unknown: string
  readonly tooManyTitle: string
  readonly tooMany: string
  readonly outdated: string
}
