/**
 * Which screen is open: the address bar is the truth.
 *
 * Going deeper pushes, going back pops, so that a phone's back gesture closes the topmost thing. Each history entry
 * remembers how deep it is, because only then "back" from a link that was opened directly can lead up instead of out.
 */

export interface Place {
  /** The path's parts, decoded; none for the root. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

function read(): Place {
  const parts = location.pathname
    .split("/")
    .filter((part) => part !== "")
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
  return { parts, query: new URLSearchParams(location.search) };
}

function depth(): number {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "depth" in state && typeof state.depth === "number"
    ? state.depth
    : 0;
}

class Router {
  place = $state.raw<Place>(read());

  start(): () => void {
    const popped = (): void => {
      this.place = read();
    };
    addEventListener("popstate", popped);
    return () => removeEventListener("popstate", popped);
  }

  /** Open a path; `replace` when the place before is of no interest (a redirect, another pick of the same list). */
  go(path: string, { replace = false }: { replace?: boolean } = {}): void {
    if (path === location.pathname + location.search) return;
    if (replace) history.replaceState({ depth: depth() }, "", path);
    else history.pushState({ depth: depth() + 1 }, "", path);
    this.place = read();
  }

  /** Leave the open thing: to where one came from, or up to `otherwise` when one came from nowhere. */
  back(otherwise: string): void {
    if (depth() > 0) history.back();
    else this.go(otherwise, { replace: true });
  }
}

export const router = new Router();

/** Build a path from parts, encoded. */
export function path(...parts: readonly (string | number)[]): string {
  return "/" + parts.map((part) => encodeURIComponent(String(part))).join("/");
}

/** Let a plain click on a link stay in the app; every other click is the browser's. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest("a");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (/^\/(api|dav)\//.test(link.pathname)) return;
  event.preventDefault();
  router.go(link.pathname + link.search, { replace: link.dataset["replace"] !== undefined });
}
