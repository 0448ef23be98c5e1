/// <reference lib="webworker" />
/**
 * The part of the app that runs without it: the shell while there is no network, and notices while nobody looks.
 *
 * Every push shows something. iOS takes the permission away from an app that stays silent three times, so a notice that
 * cannot be read is shown as what it is: news, without saying of what.
 */
import { read, type Notice } from "./notice";

declare const self: ServiceWorkerGlobalScope;

const SHELL = "shell-1";
const ROOT = "/";
const WHO = "who"; // which device this is, and what proves it to the hub; the app writes it down

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers());
});

self.addEventListener("message", (event: ExtendableMessageEvent) => {
  if (event.data === "take-over") event.waitUntil(self.skipWaiting());
});

/** Keep the page and all that it loads; the build's manifest names the files. */
async function keepShell(): Promise<void> {
  const manifest = (await (await fetch("/asset-manifest.json", { cache: "no-store" })).json()) as Record<
    string,
    { file: string; css?: string[]; assets?: string[] }
  >;
  const files = new Set<string>([ROOT, "/manifest.webmanifest", "/icon.svg"]);
  for (const entry of Object.values(manifest)) {
    for (const file of [entry.file, ...(entry.css ?? []), ...(entry.assets ?? [])]) files.add(`/${file}`);
  }
  files.delete("/worker.js");
  const cache = await caches.open(SHELL);
  await cache.addAll([...files].map((file) => new Request(file, { cache: "no-cache" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== SHELL && name !== WHO).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event: FetchEvent) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (/^\/(api|dav|\.well-known)(\/|$)/.test(url.pathname)) return; // data is the app's to keep, not the worker's
  if (request.mode === "navigate") event.respondWith(page(request));
  else event.respondWith(kept(request));
});

/** The page from the network while there is one, so that an update arrives; else the one that is kept. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.ok || answer.type === "opaqueredirect") return answer;
    if (answer.status < 500) return answer;
    return (await caches.match(ROOT)) ?? answer;
  } catch {
    return (await caches.match(ROOT)) ?? new Response("Carrierpost is offline.", { status: 503 });
  }
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

// -- notices

self.addEventListener("push", (event: PushEvent) => {
  event.waitUntil(pushed(event.data?.text() ?? ""));
});

async function pushed(text: string): Promise<void> {
  const notice = read(text);
  await badge(notice.badge);
  if (notice.withdraw.length > 0) await withdraw(notice.withdraw);
  if (notice.show) await show(notice);
  await receipt(notice, notice.show ? "shown" : "received");
}

async function show(notice: Notice): Promise<void> {
  const options: NotificationOptions & { renotify?: boolean; timestamp?: number; actions?: { action: string; title: string }[] } = {
    body: notice.body,
    tag: notice.tag,
    renotify: !notice.silent,
    silent: notice.silent,
    icon: "/icon-192.png",
    badge: "/badge-96.png",
    data: { path: notice.path, id: notice.id, item: notice.item },
    ...(notice.at ? { timestamp: notice.at } : {}),
    ...(notice.actions.length > 0 ? { actions: notice.actions } : {}),
  };
  await self.registration.showNotification(notice.title, options);
}

async function withdraw(tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    for (const shown of await self.registration.getNotifications({ tag })) shown.close();
  }
}

async function badge(count: number | null): Promise<void> {
  if (count === null) return;
  const navigator = self.navigator as WorkerNavigator & {
    setAppBadge?: (count: number) => Promise<void>;
    clearAppBadge?: () => Promise<void>;
  };
  try {
    await (count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.());
  } catch {
    // The system shows no badges; nothing depends on one.
  }
}

/** Tell the hub how far a notice came. It is a service to the trace: without a network it is let be. */
async function receipt(notice: Notice, step: "received" | "shown"): Promise<void> {
  const who = (await (await caches.match("/who", { cacheName: WHO }))?.json()) as { device: number; token: string } | undefined;
  if (notice.id === "" || !who) return;
  try {
    await fetch(`/api/v1/devices/${who.device}/receipts`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", "x-csrf-token": who.token },
      body: JSON.stringify({ notice_id: notice.id, kind: step, at: new Date().toISOString() }),
    });
  } catch {
    // Offline again.
  }
}

self.addEventListener("notificationclick", (event: NotificationEvent) => {
  event.notification.close();
  event.waitUntil(clicked(event.action, event.notification.data as { path?: unknown; id?: unknown; item?: unknown }));
});

async function clicked(action: string, data: { path?: unknown; id?: unknown; item?: unknown }): Promise<void> {
  const path = typeof data.path === "string" && data.path.startsWith("/") && !data.path.startsWith("//") ? data.path : "/mail";
  const target = action === "" ? path : `${path}?do=${encodeURIComponent(action)}`;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((one) => new URL(one.url).origin === self.location.origin);
  if (open) {
    await open.focus();
    open.postMessage({ kind: "open", path: target });
  } else await self.clients.openWindow(target);
}

self.addEventListener("pushsubscriptionchange", (event) => {
  (event as ExtendableEvent).waitUntil(
    self.clients.matchAll({ type: "window" }).then((all) => all.forEach((one) => one.postMessage({ kind: "subscribe-again" }))),
  );
});
