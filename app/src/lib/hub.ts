/**
 * The hub's interface, asked for what the screens show.
 */
import { get, send } from "./api";
import type { Attachment, Draft, Folder, Invitation, Mail, MailRow, Occurrence, Person, Security } from "./types";
import type { Page } from "./rows.svelte";

interface PersonView {
  name: string;
  address: string;
}

interface MailLine {
  id: number;
  folder: number;
  sender: PersonView;
  to: PersonView[];
  subject: string;
  snippet: string;
  at: string | null;
  unread: boolean;
  flagged: boolean;
  important: boolean;
  answered: "" | "replied" | "forwarded";
  attachments: boolean;
  meeting: boolean;
  draft: boolean;
  categories: string[];
  count: number;
  waiting: boolean;
}

interface MailView {
  line: MailLine;
  to: PersonView[];
  cc: PersonView[];
  bcc: PersonView[];
  html: string;
  text: string;
  complete: boolean;
  blocked_pictures: number;
  misleading: [string, string][];
  files: { index: number; name: string; type: string; size: number | null; inline: boolean }[];
  security: Security | null;
  invitation: {
    kind: Invitation["kind"];
    start: string | null;
    end: string | null;
    all_day: boolean;
    location: string;
    organizer: PersonView | null;
    repeats: boolean;
    wanted: boolean;
  } | null;
}

const root = (account: number): string => `/api/v1/accounts/${account}`;

function row(line: MailLine): MailRow {
  const { sender, at, ...rest } = line;
  return { ...rest, from: sender, at: at ?? new Date(0).toISOString() };
}

export const folders = (account: number): Promise<Folder[]> => get(`${root(account)}/folders`);

export async function mailPage(account: number, folder: Folder, mark: string, threads: boolean, signal: AbortSignal): Promise<Page<MailRow>> {
  const query = new URLSearchParams({ limit: "60", threads: String(threads), ...(mark ? { cursor: mark } : {}) });
  const page = await get<{ items: MailLine[]; next: string | null }>(`${root(account)}/folders/${folder.id}/mail?${query}`, signal);
  return { rows: page.items.map(row), next: page.next, total: folder.total };
}

export async function searchMail(account: number, text: string, signal: AbortSignal): Promise<MailRow[]> {
  const hits = await get<{ mail: MailLine; snippet: string }[]>(`${root(account)}/search?${new URLSearchParams({ text })}`, signal);
  return hits.map(({ mail, snippet }) => ({ ...row(mail), snippet: snippet || mail.snippet }));
}

export async function conversation(account: number, item: number): Promise<MailRow[]> {
  return (await get<MailLine[]>(`${root(account)}/mail/${item}/conversation`)).map(row);
}

export async function mail(account: number, item: number, remote: boolean): Promise<Mail> {
  const view = await get<MailView>(`${root(account)}/mail/${item}`);
  const { invitation } = view;
  return {
    ...row(view.line),
    to: view.to,
    cc: view.cc,
    bcc: view.bcc,
    replyTo: [],
    html: view.html ? `${root(account)}/mail/${item}/page${remote ? "?remote=true" : ""}` : null,
    text: view.text,
    remote: view.blocked_pictures > 0,
    truncated: !view.complete,
    warnings: view.misleading.map(([shown, target]) => ({ shown, target })),
    files: view.files.map(
      (file): Attachment => ({
        id: String(file.index),
        name: file.name,
        type: file.type,
        size: file.size,
        inline: file.inline,
        href: `${root(account)}/mail/${item}/files/${file.index}`,
      }),
    ),
    security: view.security,
    categories: view.line.categories,
    invitation:
      invitation === null || invitation.start === null
        ? null
        : {
            kind: invitation.kind,
            start: invitation.start,
            end: invitation.end ?? invitation.start,
            allDay: invitation.all_day,
            location: invitation.location,
            organizer: invitation.organizer,
            repeats: invitation.repeats,
          },
  };
}

export interface MailChange {
  readonly read?: boolean;
  readonly flagged?: boolean;
  readonly folder?: number;
  readonly deleted?: true;
}

export const changeMail = (account: number, items: readonly number[], change: MailChange): Promise<void> =>
  send("POST", `${root(account)}/mail/changes`, { items, ...change });

export const wholeBody = (account: number, item: number): Promise<void> => send("POST", `${root(account)}/mail/${item}/whole`);

export const respond = (account: number, item: number, answer: string, comment: string): Promise<void> =>
  send("POST", `${root(account)}/items/${item}/response`, { answer, comment });

export async function sendMail(account: number, draft: Draft, files: readonly File[], key: string): Promise<void> {
  const { to, cc, bcc, subject, text, mode, source } = draft;
  const written = await Promise.all(files.map(async (file) => ({ name: file.name, type: file.type, data: await base64(file) })));
  await send("POST", `${root(account)}/mail`, { to, cc, bcc, subject, text, mode, source, files: written }, { "idempotency-key": key });
}

function base64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error("The file cannot be read; choose it again."));
    reader.readAsDataURL(file);
  });
}

export async function suggestPeople(account: number, text: string): Promise<Person[]> {
  return await get<PersonView[]>(`${root(account)}/people?${new URLSearchParams({ text })}`);
}

export async function occurrences(account: number, begin: string, end: string): Promise<Occurrence[]> {
  const found = await get<(Omit<Occurrence, "allDay" | "answer"> & { all_day: boolean; response: Occurrence["answer"] })[]>(
    `${root(account)}/calendar?${new URLSearchParams({ begin, end })}`,
  );
  return found.map(({ all_day: allDay, response: answer, ...rest }) => ({ ...rest, allDay, answer }));
}

export interface ContactRow {
  readonly id: number;
  readonly folder: number;
  readonly name: string;
  readonly sort: string;
  readonly company: string;
  readonly address: string;
  readonly phone: string;
  readonly picture: boolean;
}

export const contacts = (account: number): Promise<ContactRow[]> => get(`${root(account)}/contacts`);

export interface Tick {
  readonly folder: number;
  readonly name: string;
  readonly ticked: boolean;
  readonly remark: string;
}

export const autoRefresh = (account: number): Promise<Tick[]> => get(`${root(account)}/auto-refresh`);

export const setTick = (account: number, folder: number, ticked: boolean): Promise<Tick[]> =>
  send("PUT", `${root(account)}/auto-refresh/${folder}`, { ticked });

export interface Frequency {
  readonly minutes: number;
  readonly words: string;
  readonly choices: readonly number[];
}

export const frequency = (account: number, folder: number): Promise<Frequency> => get(`${root(account)}/folders/${folder}/check-frequency`);

export const setFrequency = (account: number, folder: number, minutes: number): Promise<Frequency> =>
  send("PUT", `${root(account)}/folders/${folder}/check-frequency`, { minutes });
