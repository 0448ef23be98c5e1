import { describe, expect, it } from "vitest";
import { beside, dayText, monthWeeks, plus, plusMonths, toDay, week, weekdayOf, type Day } from "./grid";

const day = (text: string): Day => {
  const found = toDay(text);
  if (!found) throw new Error(text);
  return found;
};

describe("days", () => {
  it("refuses what is no day", () => {
    expect(toDay("2026-02-30")).toBeNull();
    expect(toDay("2026-2-3")).toBeNull();
    expect(toDay("")).toBeNull();
  });

  it("crosses months, years and leap days", () => {
    expect(dayText(plus(day("2026-12-31"), 1))).toBe("2027-01-01");
    expect(dayText(plus(day("2028-02-28"), 1))).toBe("2028-02-29");
    expect(dayText(plusMonths(day("2026-01-31"), 1))).toBe("2026-02-28");
    expect(dayText(plusMonths(day("2026-01-31"), -2))).toBe("2025-11-30");
  });

  it("begins a week where the locale does", () => {
    expect(week(day("2026-11-25"), 1).map(dayText)[0]).toBe("2026-11-23");
    expect(week(day("2026-11-25"), 0).map(dayText)[0]).toBe("2026-11-22");
    expect(weekdayOf(day("2026-11-25"))).toBe(3);
  });

  it("shows every day of a month once, in whole weeks", () => {
    for (let month = 1; month <= 12; month += 1) {
      const shown = monthWeeks({ year: 2026, month, day: 15 }, 1);
      const inside = shown.flat().filter((one) => one.month === month);
      expect(inside.map((one) => one.day)).toEqual(Array.from({ length: new Date(2026, month, 0).getDate() }, (_, index) => index + 1));
      expect(shown.every((one) => one.length === 7)).toBe(true);
    }
  });
});

describe("events beside each other", () => {
  const span = (start: number, end: number): { start: number; end: number } => ({ start, end });

  it("gives the whole width to what is alone", () => {
    expect(beside([span(60, 120), span(120, 180)], 15).map((one) => one.columns)).toEqual([1, 1]);
  });

  it("never lets two share a place", () => {
    const spans = Array.from({ length: 60 }, (_, index) => span((index * 37) % 400, ((index * 37) % 400) + 15 + ((index * 53) % 90)));
    const placed = beside(spans, 15);
    expect(placed).toHaveLength(spans.length);
    for (const one of placed)
      for (const other of placed)
        if (one !== other && one.item.start < other.item.end && other.item.start < one.item.end)
          expect([one.column, one.columns]).not.toEqual([other.column, one.columns]);
  });

  it("uses a column again once it is free", () => {
    const placed = beside([span(0, 100), span(10, 30), span(40, 60)], 15);
    expect(placed.map((one) => [one.column, one.columns])).toEqual([[0, 2], [1, 2], [1, 2]]);
  });

  it("lets what takes no time be seen", () => {
    expect(beside([span(60, 60), span(65, 90)], 15).map((one) => one.columns)).toEqual([2, 2]);
  });
});
