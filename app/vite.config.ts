import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The hub serves what is built from /; the names of files carry their hashes, so that they may be kept for ever. The
// service worker alone has a fixed name, because its address is its identity to the browser.
export default defineConfig({
  plugins: [svelte()],
  base: "/",
  build: {
    outDir: "../src/carrierpost/web/app",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    manifest: "asset-manifest.json",
    assetsInlineLimit: 0, // a strict content security policy allows no data: scripts or styles
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: "index.html", worker: "src/worker/index.ts" },
      output: { entryFileNames: (chunk) => (chunk.name === "worker" ? "worker.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8420", "/dav": "http://127.0.0.1:8420" } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
