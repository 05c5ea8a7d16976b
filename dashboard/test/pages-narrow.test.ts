/** Every page at the width of a phone. */
import { testEveryPage } from "./every-page.ts";

testEveryPage({ width: 375, height: 812 });
