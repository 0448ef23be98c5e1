/**
 * What the screens show. `hub.ts` makes these out of what the hub's interface gives.
 */

export interface Person {
  readonly name: string;
  readonly address: string;
}

export type FolderKind =
  | "inbox" | "drafts" | "outbox" | "sent" | "trash" | "junk" | "mail" | "calendar" | "contacts" | "tasks" | "notes" | "other";

export interface Folder {
  readonly id: number;
  readonly name: string;
  readonly kind: FolderKind;
  readonly parent: number | null;
  readonly total: number;
  readonly unread: number;
  /** Check frequency: 0 push, -1 manual, else minutes. */
  readonly minutes: number;
  /** What a person has to know about it; empty for nothing. */
  readonly note: string;
}

export interface MailRow {
  readonly id: number;
  readonly folder: number;
  readonly from: Person;
  readonly to: readonly Person[];
  readonly subject: string;
  readonly snippet: string;
  readonly at: string;
  readonly unread: boolean;
  readonly flagged: boolean;
  readonly important: boolean;
  readonly answered: "" | "replied" | "forwarded";
  readonly attachments: boolean;
  readonly meeting: boolean;
  readonly draft: boolean;
  /** How many messages the thread has, where the list shows threads; 1 for a single message. */
  readonly count: number;
  /** What of it the server has still to be told. */
  readonly waiting: boolean;
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Octets, as the server estimates; `null` when it does not say. */
  readonly size: number | null;
  readonly inline: boolean;
  /** Where it can be had. */
  readonly href: string;
}

/** How a message is secured, in words made by the hub. */
export interface Security {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
  readonly detail: string;
}

export interface Invitation {
  readonly kind: "request" | "cancelled" | "response";
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly location: string;
  readonly organizer: Person | null;
  readonly repeats: boolean;
}

export interface Mail extends MailRow {
  readonly cc: readonly Person[];
  readonly bcc: readonly Person[];
  readonly replyTo: readonly Person[];
  /** Address of the cleaned document that the frame shows; `null` when there is only text. */
  readonly html: string | null;
  readonly text: string;
  /** Whether pictures that lie elsewhere were left out. */
  readonly remote: boolean;
  /** Whether only a part of the body is here. */
  readonly truncated: boolean;
  readonly files: readonly Attachment[];
  /** Links that lead elsewhere than they say. */
  readonly warnings: readonly { readonly shown: string; readonly target: string }[];
  readonly security: Security | null;
  readonly invitation: Invitation | null;
  readonly categories: readonly string[];
}

export interface Draft {
  id: number | null;
  to: string[];
  cc: string[];
  bcc: string[];
  subject: string;
  text: string;
  html: string | null;
  mode: "new" | "reply" | "reply-all" | "forward";
  source: number | null;
}

export interface Occurrence {
  /** The event, or the series. */
  readonly event: number;
  /** Tells one occurrence of a series from another; `null` for what happens once. */
  readonly instance: string | null;
  readonly folder: number;
  readonly title: string;
  readonly location: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly busy: "free" | "tentative" | "busy" | "away" | "elsewhere";
  readonly repeats: boolean;
  readonly cancelled: boolean;
  readonly answer: "" | "organizer" | "accepted" | "tentative" | "declined" | "none";
  readonly private: boolean;
  readonly waiting: boolean;
}
