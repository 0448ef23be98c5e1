/**
 * The mail that is looked at: folders with their counts, the open list, and what a person does to it.
 *
 * What is done shows at once; when the hub refuses, it is put back and the reason is said.
 */
import { sentence } from "./api";
import * as hub from "./hub";
import { live, type Change } from "./live.svelte";
import { notes } from "./notes.svelte";
import { Rows } from "./rows.svelte";
import type { Folder, MailRow } from "./types";
import { words } from "../words";

const SETTLE = 150; // milliseconds in which changes are gathered before anything is fetched
const GRACE = 6_000; // milliseconds in which a deletion can be taken back before the hub is told

class Mailbox {
  account = 0;
  folders = $state.raw<readonly Folder[]>([]);
  folder = $state.raw<Folder | null>(null);
  list = $state.raw<Rows<MailRow> | null>(null);
  arrived = $state(0);
  trouble = $state("");
  threads = $state(true);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #parting = new Map<number, () => Promise<void>>();

  get inbox(): Folder | undefined {
    return this.folders.find((one) => one.kind === "inbox");
  }

  start(account: number): () => void {
    this.account = account;
    const stops = [
      live.on((change) => this.#heard(change)),
      live.onreload(() => void this.renew()),
    ];
    const leave = (): void => void this.settle();
    addEventListener("pagehide", leave);
    return () => {
      stops.forEach((stop) => stop());
      removeEventListener("pagehide", leave);
      void this.settle();
      this.list?.stop();
    };
  }

  async load(): Promise<void> {
    try {
      this.folders = await hub.folders(this.account);
      this.trouble = "";
      if (this.folder) this.folder = this.folders.find((one) => one.id === this.folder?.id) ?? null;
    } catch (error) {
      this.trouble = sentence(error);
    }
  }

  async open(id: number): Promise<void> {
    const found = this.folders.find((one) => one.id === id) ?? null;
    if (found && this.folder?.id === found.id && this.list) return;
    this.list?.stop();
    this.folder = found;
    if (!found) return;
    const list = new Rows<MailRow>((mark, signal) => hub.mailPage(this.account, this.folder ?? found, mark, this.threads, signal));
    list.begin([], found.total);
    this.list = list;
    await list.reach(0);
  }

  async renew(): Promise<void> {
    await Promise.all([this.load(), this.list?.renew()]);
  }

  #heard(change: Change): void {
    if (change.announce === true && change.kind === "item-added") this.arrived += 1;
    if (change.kind === "outbox-changed" && change.detail) notes.say(change.detail, { tone: "bad", stay: 12_000 });
    if (!/^(item|collection|outbox)-/.test(change.kind)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renew(), SETTLE);
  }

  // -- what a person does

  async read(mail: MailRow, read: boolean): Promise<void> {
    await this.#change(mail, { unread: !read }, () => hub.changeMail(this.account, [mail.id], { read }));
  }

  async flag(mail: MailRow, flagged: boolean): Promise<void> {
    await this.#change(mail, { flagged }, () => hub.changeMail(this.account, [mail.id], { flagged }));
  }

  async #change(mail: MailRow, values: Partial<MailRow>, tell: () => Promise<void>): Promise<void> {
    const before = Object.fromEntries(Object.keys(values).map((name) => [name, mail[name as keyof MailRow]]));
    this.list?.replace(mail.id, (row) => ({ ...row, ...values }));
    try {
      await tell();
    } catch (error) {
      this.list?.replace(mail.id, (row) => ({ ...row, ...before }));
      notes.say(sentence(error), { tone: "bad" });
    }
  }

  delete(mails: readonly MailRow[]): void {
    this.#part(mails, words.mail.deleted(mails.length), (ids) => hub.changeMail(this.account, ids, { deleted: true }));
  }

  move(mails: readonly MailRow[], folder: Folder): void {
    this.#part(mails, words.mail.moved(mails.length, folder.name), (ids) => hub.changeMail(this.account, ids, { folder: folder.id }));
  }

  /** Take messages out of the list now, and tell the hub when the time to think again is over. */
  #part(mails: readonly MailRow[], said: string, tell: (ids: readonly number[]) => Promise<void>): void {
    const list = this.list;
    if (!list || mails.length === 0) return;
    const gone = list.drop(new Set(mails.map((one) => one.id)));
    const first = mails[0]!.id;
    const go = async (): Promise<void> => {
      this.#parting.delete(first);
      clearTimeout(timer);
      try {
        await tell(mails.map((one) => one.id));
      } catch (error) {
        if (this.list === list) list.putBack(gone);
        notes.say(sentence(error), { tone: "bad" });
      }
    };
    const timer = setTimeout(() => void go(), GRACE);
    this.#parting.set(first, go);
    notes.say(said, {
      stay: GRACE,
      action: {
        label: words.undo,
        run: () => {
          clearTimeout(timer);
          this.#parting.delete(first);
          list.putBack(gone);
        },
      },
    });
  }

  /** Tell the hub at once of everything that still waits to be taken back. */
  async settle(): Promise<void> {
    await Promise.all([...this.#parting.values()].map((go) => go()));
  }
}

export const mailbox = new Mailbox();
