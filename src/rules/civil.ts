/** Dates as day numbers: 0 is 1970-01-01, a Thursday. Proleptic Gregorian calendar. */

export interface CivilDate {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
}

/** 400 years are always this many days. */
const eraDays = 146_097
/** Days from 0000-03-01, where eras start so that the leap day is a year's last, to 1970-01-01. */
const epochFromMarchZero = 719_468

/** The day number of a date that exists. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * eraDays + dayOfEra - epochFromMarchZero
}

/** The date of a day number, also before 1970 and before year 0. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + epochFromMarchZero
  const era = Math.floor(shifted / eraDays)
  const dayOfEra = shifted - era * eraDays
  const leapCorrection =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / (eraDays - 1))
  const yearOfEra = Math.floor((dayOfEra - leapCorrection) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  }
}

/** 28 to 31. @param month - 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The ISO week of a day: weeks start on Monday and belong to the year that has their Thursday. */
export function isoWeek(days: number): {readonly year: number; readonly week: number} {
  const weekday = (((days + 3) % 7) + 7) % 7 // Monday is 0
  const thursday = days - weekday + 3
  const {year} = civilFromDays(thursday)
  return {year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1}
}
