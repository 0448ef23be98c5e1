/**
 * The live stream: what happens in the account, as it happens, without a gap.
 *
 * Each event carries the feed's number; a stream that broke goes on from the last one. When the hub says that it cannot
 * go on from there, everything shown is fetched anew.
 */

export interface Change {
  readonly number: number;
  readonly kind: string;
  readonly origin: "server" | "user" | "hub";
  readonly collection_id?: number;
  readonly item_id?: number;
  readonly device_id?: number;
  readonly announce?: boolean;
  readonly fields?: readonly string[];
  readonly detail?: string;
}

type Listener = (change: Change) => void;

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

class Live {
  /** Whether what is shown is known to be current. */
  connected = $state(false);
  #listeners = new Set<Listener>();
  #reloads = new Set<() => void>();
  #ends = new Set<() => void>();
  #source: EventSource | null = null;
  /** The number of the last change that was heard; none at the beginning, when what is loaded is the newest. */
  #last: number | null = null;
  #account = 0;
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(account: number): () => void {
    this.#account = account;
    this.#last = null;
    this.#open();
    const back = (): void => {
      if (document.visibilityState === "visible" && !this.connected) this.#again(0);
    };
    document.addEventListener("visibilitychange", back);
    addEventListener("online", back);
    return () => {
      document.removeEventListener("visibilitychange", back);
      removeEventListener("online", back);
      this.stop();
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.connected = false;
  }

  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onreload(run: () => void): () => void {
    this.#reloads.add(run);
    return () => this.#reloads.delete(run);
  }

  /** Hear that the stream ended for good: this browser was signed out, or the device removed. */
  onend(run: () => void): () => void {
    this.#ends.add(run);
    return () => this.#ends.delete(run);
  }

  #open(): void {
    this.#source?.close();
    const source = new EventSource(`/api/v1/accounts/${this.#account}/live${this.#last === null ? "" : `?after=${this.#last}`}`);
    this.#source = source;
    source.addEventListener("open", () => {
      this.connected = true;
      this.#pause = FIRST_PAUSE;
      // What came between loading and now was told to nobody: without a number to go on from, all is loaded anew.
      if (this.#last === null) for (const run of this.#reloads) run();
    });
    source.addEventListener("change", (event) => {
      const change = JSON.parse((event as MessageEvent<string>).data) as Change;
      if (this.#last !== null && change.number <= this.#last) return; // heard already
      this.#last = change.number;
      for (const listener of this.#listeners) listener(change);
    });
    source.addEventListener("reload", (event) => {
      this.#last = (JSON.parse((event as MessageEvent<string>).data) as { after: number }).after;
      for (const run of this.#reloads) run();
    });
    source.addEventListener("end", () => {
      this.stop();
      for (const run of this.#ends) run();
    });
    source.addEventListener("error", () => {
      this.connected = false;
      source.close(); // the browser would go on by itself, but without moving the mark in the address
      this.#again(this.#pause);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    });
  }

  #again(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), pause * (0.8 + Math.random() * 0.4)); // not all browsers at once
  }
}

export const live = new Live();
