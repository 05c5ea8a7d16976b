/** Every page in the dark theme. */
import { testEveryPage } from "./every-page.ts";

testEveryPage("dark");
