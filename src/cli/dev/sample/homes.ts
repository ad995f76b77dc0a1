/** Where invented people live. Area codes are real; every number ends in 555-01xx, which belongs to nobody (NANPA). */
export interface Home {
  readonly zone: string
  readonly state: string
  readonly areaCodes: readonly string[]
}

export const HOMES: readonly Home[] = [
  { zone: 'America/New_York', state: 'NY', areaCodes: ['212', '315', '518', '585', '716', '845'] },
  { zone: 'America/Chicago', state: 'IL', areaCodes: ['217', '309', '312', '630', '773', '815'] },
  { zone: 'America/Denver', state: 'CO', areaCodes: ['303', '719', '720', '970'] },
  { zone: 'America/Phoenix', state: 'AZ', areaCodes: ['480', '520', '602', '623'] },
  { zone: 'America/Los_Angeles', state: 'CA', areaCodes: ['209', '213', '310', '415', '510', '619'] },
  { zone: 'Pacific/Honolulu', state: 'HI', areaCodes: ['808'] },
  { zone: 'America/Anchorage', state: 'AK', areaCodes: ['907'] },
]

export const FIRST_NAMES: readonly string[] = (
  'Ada Amir Ana Bea Ben Carmen Chidi Clara Dana Diego Elif Emil Esme Farid Flora Gus Hana Hugo Ines ' +
  'Iris Ivan Jo Jonas Kai Kofi Lena Liam Lin Luz Maya Milo Mina Nadia Nils Noor Olga Omar Oona Otto Pia ' +
  'Priya Quinn Rafa Rosa Ruth Sami Sara Tara Theo Tomas Uma Vera Wes Xenia Yara Yuki Zane Zoe'
).split(' ')

const NUMBERS_PER_AREA = 100

/** Hands out phone numbers, each once: two people with one number would be one person to every limit. */
export class PhoneBook {
  private readonly taken = new Map<string, number>()

  /** A number of this home, starting with the area code at `start`; undefined when all are given away. */
  next(home: Home, start: number): string | undefined {
    for (let i = 0; i < home.areaCodes.length; i++) {
      const areaCode = home.areaCodes[(start + i) % home.areaCodes.length] ?? ''
      const used = this.taken.get(areaCode) ?? 0
      if (used >= NUMBERS_PER_AREA) continue
      this.taken.set(areaCode, used + 1)
      return `+1${areaCode}55501${String(used).padStart(2, '0')}`
    }
    return undefined
  }
}
