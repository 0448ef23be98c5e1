/**
 * Dates as a person reads them. The moment that counts as now is handed in, and so is the locale.
 */

export interface Ways {
  readonly locale: string;
  readonly zone: string;
}

export const here: Ways = {
  locale: typeof navigator === "undefined" ? "en" : navigator.language,
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a hundred times what using it does. */
function format(ways: Ways, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = ways.locale + ways.zone + JSON.stringify(options);
  let found = formats.get(name);
  if (!found) formats.set(name, (found = new Intl.DateTimeFormat(ways.locale, { timeZone: ways.zone, ...options })));
  return found;
}

/** The calendar day of a moment in a zone, as a number that grows by one each day. */
export function dayNumber(moment: Date, ways: Ways): number {
  const parts = new Map(
    format({ ...ways, locale: "en-u-ca-gregory" }, { year: "numeric", month: "numeric", day: "numeric" })
      .formatToParts(moment)
      .map((part) => [part.type, Number(part.value)]),
  );
  return Math.floor(Date.UTC(parts.get("year") ?? 0, (parts.get("month") ?? 1) - 1, parts.get("day") ?? 1) / 86_400_000);
}

/** As in a list of mail: the time today, the weekday within a week, else the date. */
export function listed(moment: Date, now: Date, ways: Ways): string {
  const days = dayNumber(now, ways) - dayNumber(moment, ways);
  if (days === 0) return format(ways, { timeStyle: "short" }).format(moment);
  if (days > 0 && days < 7) return format(ways, { weekday: "short" }).format(moment);
  const sameYear = format(ways, { year: "numeric" }).format(moment) === format(ways, { year: "numeric" }).format(now);
  return format(ways, sameYear ? { day: "numeric", month: "short" } : { dateStyle: "short" }).format(moment);
}

export function full(moment: Date, ways: Ways): string {
  return format(ways, { dateStyle: "full", timeStyle: "short" }).format(moment);
}

export function time(moment: Date, ways: Ways): string {
  return format(ways, { timeStyle: "short" }).format(moment);
}

export function exactTime(moment: Date, ways: Ways): string {
  return format(ways, { hour: "numeric", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }).format(moment);
}

export function day(moment: Date, ways: Ways): string {
  return format(ways, { weekday: "long", day: "numeric", month: "long" }).format(moment);
}

export function shortDay(moment: Date, ways: Ways): string {
  return format(ways, { weekday: "short", day: "numeric", month: "short" }).format(moment);
}

export function month(moment: Date, ways: Ways): string {
  return format(ways, { month: "long", year: "numeric" }).format(moment);
}

export function weekday(moment: Date, ways: Ways, width: "narrow" | "short" = "short"): string {
  return format(ways, { weekday: width }).format(moment);
}

/** A span of time in the largest unit that tells enough: 40 ms, 2.4 s, 3 min, 2 h. */
export function span(milliseconds: number, locale: string): string {
  const steps: [number, Intl.NumberFormatOptions["unit"], number][] = [
    [1000, "millisecond", 1],
    [60_000, "second", 1000],
    [3_600_000, "minute", 60_000],
    [172_800_000, "hour", 3_600_000],
    [Infinity, "day", 86_400_000],
  ];
  const [, unit, size] = steps.find(([below]) => Math.abs(milliseconds) < below) ?? [0, "day", 86_400_000];
  const amount = milliseconds / size;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: unit ?? "day",
    unitDisplay: "short",
    maximumFractionDigits: Math.abs(amount) < 10 && unit !== "millisecond" ? 1 : 0,
  }).format(amount);
}

export function size(octets: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let amount = octets;
  let step = 0;
  while (amount >= 1000 && step < units.length - 1) {
    amount /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[step] ?? "gigabyte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: amount < 10 && step > 0 ? 1 : 0,
  }).format(amount);
}
