import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUILT = here("../src/finmart/ui/static/built");

// The application process sends these where a browser takes them: 85 kB of styles instead of 650.
const compressed = {
  name: "compressed",
  closeBundle() {
    for (const name of readdirSync(BUILT).filter((found) => /\.(css|js)$/.test(found))) {
      const content = readFileSync(`${BUILT}/${name}`);
      writeFileSync(`${BUILT}/${name}.gz`, gzipSync(content, { level: 9 }));
      writeFileSync(`${BUILT}/${name}.br`, brotliCompressSync(content));
    }
  },
};

export default defineConfig({
  root: here("."),
  base: "/static/built/",
  logLevel: "warn",
  plugins: [compressed],
  build: {
    outDir: BUILT,
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
