/**
 * This browser as a device of the account: registered once, heard of while it lives, and told how mail reaches it.
 */
import { ask, get, proof, send } from "./api";

export type Platform = "ios" | "android" | "desktop";

export interface Delivery {
  readonly way: "live" | "notify" | "refresh" | "nothing";
  readonly reason: string;
  readonly next_refresh: { readonly at: string | null; readonly reason: string } | null;
}

export interface DeviceView {
  readonly id: number;
  readonly name: string;
  readonly platform: Platform;
  readonly time_zone: string;
  readonly created_at: string;
  readonly delivery: Delivery;
  readonly settings: { readonly auto_refresh: boolean };
  readonly current: boolean;
}

interface Battery {
  readonly level: number;
  readonly charging: boolean;
}

class ThisDevice {
  view = $state.raw<DeviceView | null>(null);

  /** Register this browser, which does nothing but find it when it is registered already, and report its life from now on. */
  async start(account: number): Promise<void> {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.view = await send<DeviceView>("POST", `/api/v1/accounts/${account}/devices`, { time_zone: zone });
    await this.#writeDown(this.view.id);
    await this.report(document.visibilityState === "visible" ? "foreground" : null);
  }

  /** Let the service worker know who it is, so that it can say that a notice was shown while the app is closed. */
  async #writeDown(device: number): Promise<void> {
    if (!("caches" in window)) return;
    const kept = await caches.open("who");
    await kept.put("/who", new Response(JSON.stringify({ device, token: proof() })));
  }

  listen(): () => void {
    const changed = (): void => void this.report(document.visibilityState === "visible" ? "foreground" : "background");
    const gone = (event: PageTransitionEvent): void => {
      if (!event.persisted) void this.report("terminated", true);
    };
    document.addEventListener("visibilitychange", changed);
    addEventListener("pagehide", gone);
    return () => {
      document.removeEventListener("visibilitychange", changed);
      removeEventListener("pagehide", gone);
    };
  }

  /** Tell the hub what has happened to the app; what a report is answered with is how mail reaches it now. */
  async report(event: "foreground" | "background" | "terminated" | null, last = false): Promise<void> {
    const view = this.view;
    if (!view) return;
    const said: Record<string, unknown> = { ...(event ? { event } : {}) };
    if ("Notification" in window) said["channel_allowed"] = Notification.permission !== "denied";
    if (!last) {
      const battery = await (navigator as Navigator & { getBattery?: () => Promise<Battery> }).getBattery?.().catch(() => null);
      if (battery) Object.assign(said, { battery: Math.round(battery.level * 100), charging: battery.charging });
    }
    try {
      const answer = await ask(`/api/v1/devices/${view.id}/life`, { method: "POST", body: said, keepalive: last });
      if (this.view?.id === view.id) this.view = { ...this.view, delivery: (await answer.json()) as Delivery };
    } catch {
      // Offline, or the same was said already: the next report says it again.
    }
  }

  async change(values: { name?: string; platform?: Platform }): Promise<void> {
    if (!this.view) return;
    this.view = await send<DeviceView>("PATCH", `/api/v1/devices/${this.view.id}`, values);
  }

  async setAutoRefresh(on: boolean): Promise<void> {
    if (!this.view) return;
    const settings = { ...this.view.settings, auto_refresh: on };
    await send("PUT", `/api/v1/devices/${this.view.id}/settings`, settings);
    this.view = { ...this.view, settings };
  }

  all = (account: number): Promise<DeviceView[]> => get(`/api/v1/accounts/${account}/devices`);

  remove = (id: number): Promise<unknown> => ask(`/api/v1/devices/${id}`, { method: "DELETE" });
}

export const device = new ThisDevice();
