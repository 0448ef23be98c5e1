/**
 * A long list, fetched page by page as it comes into sight, in the hub's order.
 *
 * Pages follow each other by a mark that the hub gives, so that what arrives meanwhile neither doubles nor hides a row.
 */

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; `null` at the end. */
  readonly next: string | null;
  readonly total: number;
}

export class Rows<Row extends { readonly id: number }> {
  rows = $state.raw<readonly Row[]>([]);
  total = $state(0);
  loading = $state(false);
  /** Why the next page could not be fetched; empty when nothing is wrong. */
  trouble = $state("");
  #next: string | null = "";
  #fetch: (mark: string, signal: AbortSignal) => Promise<Page<Row>>;
  #running: AbortController | null = null;

  constructor(fetch: (mark: string, signal: AbortSignal) => Promise<Page<Row>>) {
    this.#fetch = fetch;
  }

  get complete(): boolean {
    return this.#next === null;
  }

  at = (index: number): Row | undefined => this.rows[index];

  /** Show these until the hub answers: what was kept from the last time. */
  begin(rows: readonly Row[], total: number): void {
    this.rows = rows;
    this.total = Math.max(total, rows.length);
  }

  /** Fetch until the row at a place is there. */
  async reach(index: number): Promise<void> {
    if (this.#running || this.trouble) return;
    while (this.#next !== null && (this.#next === "" || index >= this.rows.length)) {
      if (!(await this.#page(this.#next))) return;
    }
  }

  /** Fetch from the beginning, as many as were shown, and only then replace what is shown. */
  async renew(): Promise<void> {
    this.#running?.abort();
    this.trouble = "";
    this.#next = "";
    await this.#page("");
  }

  replace(id: number, change: (row: Row) => Row): void {
    this.rows = this.rows.map((row) => (row.id === id ? change(row) : row));
  }

  drop(ids: ReadonlySet<number>): readonly { row: Row; index: number }[] {
    const gone = this.rows.map((row, index) => ({ row, index })).filter(({ row }) => ids.has(row.id));
    this.rows = this.rows.filter((row) => !ids.has(row.id));
    this.total -= gone.length;
    return gone;
  }

  putBack(gone: readonly { row: Row; index: number }[]): void {
    const rows = [...this.rows];
    for (const { row, index } of gone) if (!rows.some((one) => one.id === row.id)) rows.splice(index, 0, row);
    this.rows = rows;
    this.total += gone.length;
  }

  stop(): void {
    this.#running?.abort();
  }

  async #page(mark: string): Promise<boolean> {
    const running = new AbortController();
    this.#running = running;
    this.loading = true;
    try {
      const page = await this.#fetch(mark, running.signal);
      if (running.signal.aborted) return false;
      if (mark === "") this.rows = page.rows;
      else {
        const held = new Set(this.rows.map((row) => row.id));
        this.rows = [...this.rows, ...page.rows.filter((row) => !held.has(row.id))];
      }
      this.#next = page.next;
      this.total = page.next === null ? this.rows.length : Math.max(page.total, this.rows.length);
      return true;
    } catch (error) {
      if (!running.signal.aborted) this.trouble = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.loading = false;
      }
    }
  }
}
