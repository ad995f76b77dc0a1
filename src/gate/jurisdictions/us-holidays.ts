const MS_PER_DAY = 86_400_000

/**
 * Whether a local calendar day (days since 1 January 1970) is a federal holiday or the day on which one is observed.
 * Source: 5 USC 6103. States with bans on holidays have a few more of their own, which are not here.
 */
export function isUsHoliday(day: number): boolean {
  return isHolidayItself(day) || observes(day)
}

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
function observes(day: number): boolean {
  const weekday = weekdayOf(day)
  return (weekday === 5 && isHolidayItself(day + 1)) || (weekday === 1 && isHolidayItself(day - 1))
}

function isHolidayItself(day: number): boolean {
  const date = new Date(day * MS_PER_DAY)
  const month = date.getUTCMonth() + 1
  const dayOfMonth = date.getUTCDate()
  const nth = Math.ceil(dayOfMonth / 7)
  switch (`${month}/${dayOfMonth}`) {
    case '1/1': // New Year's Day
    case '6/19': // Juneteenth
    case '7/4': // Independence Day
    case '11/11': // Veterans Day
    case '12/25': // Christmas Day
      return true
  }
  if (weekdayOf(day) === 4) return month === 11 && nth === 4 // Thanksgiving
  if (weekdayOf(day) !== 1) return false
  switch (month) {
    case 1: // Birthday of Martin Luther King, Jr.
    case 2: // Washington's Birthday
      return nth === 3
    case 5: // Memorial Day, the last Monday
      return dayOfMonth > 24
    case 9: // Labor Day
      return nth === 1
    case 10: // Columbus Day
      return nth === 2
    default:
      return false
  }
}

/** 1 Monday to 7 Sunday; 1 January 1970 was a Thursday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}
