/**
 * Where things stand in a calendar: days of a month, and events beside each other in a day. Arithmetic alone.
 */

/** A day of the calendar, free of zones: what a wall calendar shows. */
export interface Day {
  readonly year: number;
  readonly month: number; // 1 to 12
  readonly day: number;
}

export function toDay(text: string): Day | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return null;
  const day = { year: Number(found[1]), month: Number(found[2]), day: Number(found[3]) };
  return dayText(plus(day, 0)) === text ? day : null; // no 30 February
}

export function dayText(day: Day): string {
  return `${String(day.year).padStart(4, "0")}-${String(day.month).padStart(2, "0")}-${String(day.day).padStart(2, "0")}`;
}

function utc(day: Day): Date {
  return new Date(Date.UTC(day.year, day.month - 1, day.day));
}

export function plus(day: Day, days: number): Day {
  const moved = new Date(utc(day).getTime() + days * 86_400_000);
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** The same day of another month, or that month's last when it has no such day. */
export function plusMonths(day: Day, months: number): Day {
  const index = day.year * 12 + day.month - 1 + months;
  const [year, month] = [Math.floor(index / 12), (index % 12) + 1];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: Math.min(day.day, last) };
}

/** Noon, local time: the safest moment to format a day from. */
export function noon(day: Day): Date {
  return new Date(day.year, day.month - 1, day.day, 12);
}

/** The first moment of a day in this browser's zone. */
export function midnight(day: Day): Date {
  return new Date(day.year, day.month - 1, day.day);
}

export function dayOf(moment: Date): Day {
  return { year: moment.getFullYear(), month: moment.getMonth() + 1, day: moment.getDate() };
}

/** 0 for Sunday to 6 for Saturday. */
export function weekdayOf(day: Day): number {
  return utc(day).getUTCDay();
}

/** The day on which a locale's weeks begin, 0 for Sunday. */
export function firstWeekday(locale: string): number {
  const info = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (info.getWeekInfo?.() ?? info.weekInfo ?? { firstDay: 1 }).firstDay % 7;
}

export function week(day: Day, first: number): Day[] {
  const start = plus(day, -((weekdayOf(day) - first + 7) % 7));
  return Array.from({ length: 7 }, (_, offset) => plus(start, offset));
}

/** The weeks that a month touches, whole. */
export function monthWeeks(day: Day, first: number): Day[][] {
  const begin = { ...day, day: 1 };
  const weeks: Day[][] = [];
  for (let one = week(begin, first); ; one = one.map((each) => plus(each, 7))) {
    if (weeks.length > 0 && one.every((each) => each.month !== day.month)) return weeks;
    weeks.push(one);
  }
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Placed<T> {
  readonly item: T;
  /** Which of how many columns it takes, and how many of those. */
  readonly column: number;
  readonly columns: number;
}

/**
 * Set spans that overlap beside each other, in as few columns as there are at once.
 *
 * Groups that do not touch do not narrow each other. What takes no time counts as `least`, so that it can be seen.
 */
export function beside<T extends Span>(spans: readonly T[], least: number): Placed<T>[] {
  const ordered = [...spans].sort((one, other) => one.start - other.start || other.end - one.end);
  const placed: Placed<T>[] = [];
  let group: { item: T; column: number }[] = [];
  let ends: number[] = [];
  const close = (): void => {
    for (const one of group) placed.push({ ...one, columns: ends.length });
    group = [];
    ends = [];
  };
  for (const item of ordered) {
    if (ends.length > 0 && ends.every((end) => end <= item.start)) close();
    let column = ends.findIndex((end) => end <= item.start);
    if (column < 0) column = ends.length;
    ends[column] = Math.max(item.end, item.start + least);
    group.push({ item, column });
  }
  close();
  return placed;
}
