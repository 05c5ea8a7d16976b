import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue()],
  server: {
    port: Number(process.env.PORT || 3000),
    // The backend of the page: examples/auth-express or examples/auth-hono.
    proxy: { "/pusher": process.env.BACKEND || "http://127.0.0.1:3010" },
  },
});
