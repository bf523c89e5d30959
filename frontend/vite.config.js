import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "/static/built/",
  logLevel: "warn",
  build: {
    outDir: here("../src/finmart/ui/static/built"),
    emptyOutDir: true,
    chunkSizeWarningLimit: 1600, // ECharts, loaded only by pages that draw
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { app: here("src/app.js"), bpmn: here("src/bpmn.js"), charts: here("src/charts.js") },
      checks: { eval: false }, // htmx holds one for hx-on and filters; htmx.config.allowEval is off, so it never runs
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name][extname]" },
    },
  },
});
