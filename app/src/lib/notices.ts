/**
 * Setting notices up in this browser, by its own push service.
 */
import { get, send } from "./api";

export type Standing = "on" | "off" | "denied" | "install" | "missing";

/** How notices stand: on iOS a web app has to be on the home screen before it may ask. */
export async function standing(platform: string): Promise<Standing> {
  if (!("PushManager" in window) || !("serviceWorker" in navigator)) {
    const installed = matchMedia("(display-mode: standalone)").matches;
    return platform === "ios" && !installed ? "install" : "missing";
  }
  if (Notification.permission === "denied") return "denied";
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ? "on" : "off";
}

function octets(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** Ask the person, subscribe, and tell the hub. To be called from a tap: no browser asks otherwise. */
export async function turnOn(device: number): Promise<Standing> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const { public_key: key } = await get<{ public_key: string }>("/api/v1/notices/vapid-key");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: octets(key) });
  const { endpoint, keys } = subscription.toJSON();
  await send("PUT", `/api/v1/devices/${device}/subscriptions`, {
    channel: "web-push",
    address: { endpoint, p256dh: keys?.["p256dh"], auth: keys?.["auth"] },
  });
  return "on";
}

export async function turnOff(device: number): Promise<Standing> {
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  for (const one of await get<{ id: number; channel: string }[]>(`/api/v1/devices/${device}/subscriptions`))
    if (one.channel === "web-push") await send("DELETE", `/api/v1/devices/${device}/subscriptions/${one.id}`);
  return "off";
}

export async function test(device: number): Promise<void> {
  const [one] = await get<{ id: number }[]>(`/api/v1/devices/${device}/subscriptions`);
  if (!one) throw new Error("Notices are not set up on this device yet.");
  await send("POST", `/api/v1/devices/${device}/subscriptions/${one.id}/test`);
}
