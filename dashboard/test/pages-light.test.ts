/** Every page in the light theme. */
import { testEveryPage } from "./every-page.ts";

testEveryPage("light");
