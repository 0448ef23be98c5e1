/**
 * What a push says, read with suspicion: it may be empty, cut, or from an older hub, and is shown all the same.
 */

export interface Notice {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly path: string;
  readonly item: number | null;
  readonly badge: number | null;
  readonly silent: boolean;
  readonly at: number | null;
  readonly withdraw: readonly string[];
  readonly actions: readonly { action: string; title: string }[] & { action: string; title: string }[];
  /** Whether something is to be shown. Only a withdrawal on a system that bears silence shows nothing. */
  readonly show: boolean;
}

const text = (value: unknown, most: number): string => (typeof value === "string" ? value.slice(0, most) : "");
const whole = (value: unknown): number | null => (Number.isInteger(value) && (value as number) >= 0 ? (value as number) : null);

export function read(payload: string): Notice {
  let said: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(payload);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) said = parsed as Record<string, unknown>;
  } catch {
    // Nothing that can be read: shown as news of which nothing is known.
  }
  const kind = text(said["kind"], 20);
  const withdraw = Array.isArray(said["withdraw"]) ? said["withdraw"].map((one) => text(one, 100)).filter((one) => one !== "") : [];
  const at = typeof said["at"] === "string" ? Date.parse(said["at"]) : NaN;
  const path = text(said["path"], 500);
  return {
    id: text(said["id"], 100),
    title: text(said["title"], 200) || (kind === "canary" ? "Notices work" : "New mail"),
    body: text(said["body"], 1000),
    tag: text(said["tag"], 100) || "news",
    path: path.startsWith("/") && !path.startsWith("//") ? path : "/mail",
    item: whole(said["item"]),
    badge: whole(said["badge"]),
    silent: said["silent"] === true,
    at: Number.isNaN(at) ? null : at,
    withdraw,
    actions: kind === "full" && whole(said["item"]) !== null ? [
      { action: "read", title: "Mark as read" },
      { action: "archive", title: "Archive" },
    ] : [],
    show: !(withdraw.length > 0 && text(said["title"], 1) === ""),
  };
}
