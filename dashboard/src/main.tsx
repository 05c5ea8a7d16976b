import { AdminError } from "@soketify/admin";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { DashboardApp } from "./dashboard-app.tsx";
import { applyTheme, savedTheme } from "./shell/theme.ts";
import { guardHistory, guardNavigation } from "./ui/use-unsaved-guard.ts";
import "./styles.css";

applyTheme(savedTheme());
guardHistory();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Retry only while the server is unreachable. An error response would be the same again.
      retry: (failures, error) => failures < 2 && error instanceof AdminError && error.status === 0,
      staleTime: 2_000,
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router base={new URL(document.baseURI).pathname.replace(/\/$/, "")} aroundNav={guardNavigation}>
        <DashboardApp />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
