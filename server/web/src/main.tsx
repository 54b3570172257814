import "./style.css";
import "./acts/acts.css";
import { render } from "preact";
import { currentLanguage } from "./l10n.ts";
import { App } from "./views/App.tsx";

document.documentElement.lang = currentLanguage();
const root = document.getElementById("app");
if (root) render(<App />, root);
