import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// The font of our PDFs, beside the code that sets them.
const pdfFonts = {
  name: "pdf-fonts",
  closeBundle() {
    for (const weight of ["400Regular", "700Bold"]) {
      const file = `NotoSansSC_${weight}.ttf`;
      const from = here(`../node_modules/@expo-google-fonts/noto-sans-sc/${weight}/${file}`);
      cpSync(from, here(`../src/finmart/integrations/typst/fonts/${file}`));
    }
  },
};

export default defineConfig({
  root: here("."),
  plugins: [pdfFonts],
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
