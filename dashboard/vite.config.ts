import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative: the server writes the `<base>` of index.html, so that a path prefix needs no build of its own.
  base: "./",
  resolve: { tsconfigPaths: true },
  plugins: [react(), tailwindcss()],
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
