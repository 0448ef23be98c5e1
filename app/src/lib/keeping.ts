/**
 * The service worker: registered once, renewed when the hub has a newer app, and told when a person agrees to change.
 */

interface Policy {
  createScriptURL: (url: string) => string;
}

/** The only address from which a worker is ever loaded; the browser takes it from this policy alone. */
function workerURL(): string {
  const factory = (globalThis as { trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }).trustedTypes;
  const policy = factory?.createPolicy("carrierpost", {
    createScriptURL: (url) => {
      if (url !== "/worker.js") throw new TypeError(`no worker is loaded from ${url}`);
      return url;
    },
  });
  return policy ? policy.createScriptURL("/worker.js") : "/worker.js";
}

let begun = false;

/** Register the worker; `newer` is called when another version waits. */
export async function keep(newer: () => void): Promise<void> {
  if (begun || !("serviceWorker" in navigator) || import.meta.env.DEV) return;
  begun = true;
  try {
    const registration = await navigator.serviceWorker.register(workerURL());
    const watch = (worker: ServiceWorker | null): void => {
      worker?.addEventListener("statechange", () => {
        if (worker.state === "installed" && navigator.serviceWorker.controller) newer();
      });
    };
    if (registration.waiting && navigator.serviceWorker.controller) newer();
    registration.addEventListener("updatefound", () => watch(registration.installing));
  } catch (error) {
    console.warn("The app cannot be kept for offline use:", error);
  }
}

export async function takeOver(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  registration?.waiting?.postMessage("take-over");
}
