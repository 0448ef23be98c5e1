import { describe, expect, it } from "vitest";
import { dayNumber, listed, size, span, type Ways } from "./dates";

const berlin: Ways = { locale: "en-GB", zone: "Europe/Berlin" };
const now = new Date("2026-11-25T10:00:00Z");

describe("the time in a list", () => {
  it("is a time today, in the reader's zone", () => {
    expect(listed(new Date("2026-11-24T23:30:00Z"), now, berlin)).toBe("00:30");
  });
  it("is a weekday within a week", () => {
    expect(listed(new Date("2026-11-24T12:00:00Z"), now, berlin)).toBe("Tue");
    expect(listed(new Date("2026-11-19T12:00:00Z"), now, berlin)).toBe("Thu");
  });
  it("is a date before that, and in the future", () => {
    expect(listed(new Date("2026-11-18T12:00:00Z"), now, berlin)).toBe("18 Nov");
    expect(listed(new Date("2025-11-18T12:00:00Z"), now, berlin)).toBe("18/11/2025");
    expect(listed(new Date("2026-12-01T12:00:00Z"), now, berlin)).toBe("1 Dec");
  });
  it("counts days by the calendar, also when one has 23 hours", () => {
    const [before, after] = [new Date("2026-03-28T22:59:00Z"), new Date("2026-03-29T22:01:00Z")];
    expect(dayNumber(after, berlin) - dayNumber(before, berlin)).toBe(2);
  });
});

describe("spans and sizes", () => {
  it("take the unit that tells enough", () => {
    expect([40, 2400, 180_000, 7_200_000, 260_000_000].map((one) => span(one, "en"))).toEqual([
      "40 ms", "2.4 sec", "3 min", "2 hr", "3 days",
    ]);
    expect([0, 999, 1500, 25_000_000].map((one) => size(one, "en"))).toEqual(["0 bytes", "999 bytes", "1.5 kB", "25 MB"]);
  });
});
