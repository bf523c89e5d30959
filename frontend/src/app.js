// Loaded by every page. Each module finds its own elements by data attributes; pages hold no script.
import "@tabler/core/dist/css/tabler.css";
import "./theme.css";
import "./shell.css";
import "./components.css";
import "./calendar.css";
import "./htmx.js";
import "./shell.js";
import "./forms.js";
import "./amounts.js";
import "./tables.js";
