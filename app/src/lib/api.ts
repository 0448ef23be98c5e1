/**
 * Asking the hub. What it refuses comes as a `Problem` that says what was refused and what to do.
 */

export class Problem extends Error {
  readonly status: number;
  /** The kind of problem, a stable word; empty when nothing answered. */
  readonly type: string;
  /** Seconds after which to ask again, where the hub said so. */
  readonly after: number | null;

  constructor(status: number, type: string, message: string, after: number | null = null) {
    super(message);
    this.status = status;
    this.type = type;
    this.after = after;
  }

  /** Whether nothing answered: what was asked may be asked again once there is a network. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

let token = "";

/** Proves that a request was made by this app and no other page; the hub gives it with the session. */
export function useToken(given: string): void {
  token = given;
}

/** What `useToken` was given, for the service worker. */
export function proof(): string {
  return token;
}

let onSignedOut: () => void = () => undefined;

export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

export interface Asking {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON; a `Blob` or `FormData` as it is. */
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** Let it be finished although the page goes away. */
  keepalive?: boolean;
}

async function problem(answer: Response): Promise<Problem> {
  const wait = Number(answer.headers.get("retry-after"));
  const after = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const said = (await answer.json()) as { type?: unknown; title?: unknown; detail?: unknown };
    const text = [said.detail, said.title].find((one): one is string => typeof one === "string" && one !== "");
    return new Problem(answer.status, typeof said.type === "string" ? said.type : "", text ?? answer.statusText, after);
  } catch {
    return new Problem(answer.status, "", answer.statusText || `The hub answered ${answer.status}.`, after);
  }
}

export async function ask(path: string, { method = "GET", body, signal, headers = {}, keepalive = false }: Asking = {}): Promise<Response> {
  const plain = body === undefined || body instanceof Blob || body instanceof FormData;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      keepalive,
      headers: {
        accept: "application/json",
        ...(plain ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "x-csrf-token": token }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: plain ? (body as BodyInit) : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "The hub cannot be reached at the moment.");
  }
  if (answer.ok) return answer;
  if (answer.status === 401) onSignedOut();
  throw await problem(answer);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, signal ? { signal } : {})).json()) as T;
}

export async function send<T>(method: NonNullable<Asking["method"]>, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
  const answer = await ask(path, { method, ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) });
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Read what failed as a sentence for a person. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
