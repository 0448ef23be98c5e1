/**
 * Who is signed in here, with which accounts, and as which device.
 */
import { ask, get, Problem, send, sentence, useToken, whenSignedOut } from "./api";

export interface Account {
  readonly id: number;
  readonly address: string;
  /** This browser among the account's devices, once it is registered. */
  readonly device: number | null;
}

export interface Session {
  readonly accounts: readonly Account[];
  readonly administrator: boolean;
}

export interface SignIn {
  readonly address: string;
  readonly password: string;
  readonly server: string | null;
  readonly login: string | null;
}

interface SessionView {
  accounts: { id: number; address: string; device_id: number | null }[];
  administrator: boolean;
  csrf_token: string;
}

interface Progress {
  id: string;
  state: "working" | "done" | "failed";
  step: string;
  problem: { detail: string; type: string; status: number } | null;
}

const CHOSEN = "account";

class SessionState {
  current = $state.raw<Session | null>(null);
  chosen = $state(Number(localStorage.getItem(CHOSEN)) || 0);
  /** Until the hub has said who is signed in, nobody knows. */
  known = $state(false);
  trouble = $state("");

  constructor() {
    whenSignedOut(() => {
      this.current = null;
      this.known = true;
    });
  }

  /** The account that is looked at. */
  get account(): Account | null {
    const accounts = this.current?.accounts ?? [];
    return accounts.find((one) => one.id === this.chosen) ?? accounts[0] ?? null;
  }

  choose(id: number): void {
    this.chosen = id;
    localStorage.setItem(CHOSEN, String(id));
  }

  async load(): Promise<void> {
    try {
      this.#take(await get<SessionView>("/api/v1/session"));
      this.trouble = "";
    } catch (error) {
      this.trouble = error instanceof Problem && error.status === 401 ? "" : sentence(error);
      this.current = null;
    }
    this.known = true;
  }

  /** Prove a mail account's login at its server, which may take a while, and begin a session with it. */
  async signIn(wish: SignIn, tell: (step: string) => void): Promise<void> {
    const { sign_in: begun, ticket } = await send<{ sign_in: Progress; ticket: string }>("POST", "/api/v1/sign-ins", {
      ...wish,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    await this.#watch(begun.id, tell);
    await this.redeem(ticket);
  }

  /** Begin a session with a ticket: of a sign-in that is done, or of a link. */
  async redeem(ticket: string): Promise<void> {
    this.#take(await send<SessionView>("POST", "/api/v1/session", { ticket }));
  }

  async signOut(): Promise<void> {
    await ask("/api/v1/session", { method: "DELETE" });
    await globalThis.caches?.delete("who");
    this.current = null;
  }

  #watch(id: string, tell: (step: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const source = new EventSource(`/api/v1/sign-ins/${encodeURIComponent(id)}/events`);
      source.addEventListener("progress", (event) => {
        const progress = JSON.parse((event as MessageEvent<string>).data) as Progress;
        tell(progress.step);
        if (progress.state === "working") return;
        source.close();
        if (progress.state === "done") resolve();
        else reject(new Problem(progress.problem?.status ?? 0, progress.problem?.type ?? "", progress.problem?.detail ?? progress.step));
      });
      source.addEventListener("error", () => {
        if (source.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
        reject(new Problem(0, "unreachable", "The hub cannot be reached at the moment."));
      });
    });
  }

  #take(view: SessionView): void {
    useToken(view.csrf_token);
    this.current = {
      accounts: view.accounts.map((one) => ({ id: one.id, address: one.address, device: one.device_id })),
      administrator: view.administrator,
    };
    this.known = true;
  }
}

export const session = new SessionState();
