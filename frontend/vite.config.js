import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  base: "/static/built/",
  build: {
    outDir: here("../src/finmart/ui/static/built"),
    emptyOutDir: true,
    rollupOptions: {
      input: { app: here("src/app.js") },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name][extname]" },
    },
  },
});
