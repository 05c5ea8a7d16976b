/** Installs what the example starts. Plain Node, as what it calls. */
import { installPrograms } from "../../scripts/install-programs.js";

installPrograms([
  { program: "/usr/lib/postgresql", debianPackage: "postgresql" },
  { program: "nginx", debianPackage: "nginx-light" },
  { program: "redis-server", debianPackage: "redis-server" },
]);
